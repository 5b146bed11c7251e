"""`insm translate`: all single edits of the test pictures."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from insm import pack as packs
from insm.datasets import load_dataset
from insm.edits import toggled
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


def translate(model: Path, test: Path, device: str, output: Path) -> None:
    """Toggle every bit of every picture in the pack TEST with MODEL; OUTPUT is uint8 [A, N, S, S, 3] (.npy)."""
    translator = Translator(model, test, device)
    pack, bits = translator.pack, translator.pack.labels(translator.dataset.attributes)
    targets = toggled(bits, translator.dataset)
    edits = np.empty((len(targets), *pack.images.shape), dtype=np.uint8)
    progress = Progress(f"translating with {translator.entry}", edits.shape[0] * edits.shape[1])
    for k, target in enumerate(targets):
        done = 0
        for pictures in translator(pack.images, bits, target):
            edits[k, done : done + len(pictures)] = pictures
            done += len(pictures)
            progress(k * len(pack) + done)
    packs.save_array(edits, output)
