"""`insm translate`: the test pictures with every bit toggled, and with the labels of others."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from insm import edits
from insm import pack as packs
from insm.datasets import load_dataset
from insm.errors import UserError
from insm.progress import Progress
from insm.runtime import setup
from insm.sampler import to_tensor, to_uint8
from insm.trainer import load_method

BATCH = 64


class Translator:
    """A finished model and the test pack whose pictures it is to translate.

    Raises:
        UserError: a file is broken, or the pack is of another size than the training's.
    """

    def __init__(self, model: Path, test: Path, device: str):
        self.device = setup(device)
        self.method, run = load_method(model, self.device)
        self.entry, self.dataset, self.pack = run.entry, load_dataset(run.dataset), packs.load(test)
        if self.pack.size != run.size:
            raise UserError(
                f"{test} holds {self.pack.size} px pictures, {model} was trained at {run.size} px: prepare it again"
            )

    @torch.inference_mode()
    def __call__(self, images: np.ndarray, bits: np.ndarray, targets: np.ndarray) -> Iterator[np.ndarray]:
        """Pictures uint8 [N, S, S, 3], their bits and those asked for, uint8 [N, A] -> uint8 [<= BATCH, S, S, 3]."""
        for start in range(0, len(images), BATCH):
            rows = slice(start, start + BATCH)
            source, target = (torch.from_numpy(table[rows]).float().to(self.device) for table in (bits, targets))
            yield to_uint8(self.method.translate(to_tensor(images[rows], self.device), source, target))


def translate(model: Path, test: Path, device: str, output: Path, permuted: Path) -> None:
    """Translate the pictures of the pack TEST with MODEL.

    OUTPUT: every bit of every picture toggled, uint8 [A, N, S, S, 3] (.npy). PERMUTED: every picture with the labels of
    other pictures, uint8 [P, N, S, S, 3] (.npy), empty in tasks of a single bit.
    """
    translator = Translator(model, test, device)
    pack, bits = translator.pack, translator.pack.labels(translator.dataset.attributes)
    wanted = {output: edits.toggled(bits, translator.dataset), permuted: edits.permuted(bits)}
    progress, done = Progress(f"translating with {translator.entry}", len(pack) * sum(map(len, wanted.values()))), 0
    for path, targets in wanted.items():
        made = np.empty((len(targets), *pack.images.shape), dtype=np.uint8)
        for k, target in enumerate(targets):
            start = 0
            for pictures in translator(pack.images, bits, target):
                made[k, start : start + len(pictures)] = pictures
                start, done = start + len(pictures), done + len(pictures)
                progress(done)
        packs.save_array(made, path)
