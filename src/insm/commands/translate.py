"""`insm translate`: all single edits of the test pictures."""

from pathlib import Path

import numpy as np
import torch

from insm import pack as packs
from insm.datasets import load_dataset
from insm.edits import toggled
from insm.errors import UserError
from insm.files import atomic
from insm.progress import Progress
from insm.runtime import setup
from insm.sampler import to_tensor, to_uint8
from insm.trainer import load_method

BATCH = 64


@torch.inference_mode()
def translate(model: Path, test: Path, device: str, output: Path) -> None:
    """Toggle every bit of every picture in the pack TEST with MODEL; OUTPUT is uint8 [A, N, S, S, 3] (.npy)."""
    target_device = setup(device)
    method, run = load_method(model, target_device)
    pack, dataset = packs.load(test), load_dataset(run.dataset)
    if pack.size != run.size:
        raise UserError(f"{test} holds {pack.size} px pictures, {model} was trained at {run.size} px: prepare it again")
    bits = pack.labels(dataset.attributes)
    targets = toggled(bits, dataset)
    edits = np.empty((len(targets), *pack.images.shape), dtype=np.uint8)
    progress = Progress(f"translating with {run.entry}", edits.shape[0] * edits.shape[1])
    as_label = lambda rows: torch.from_numpy(rows).float().to(target_device)  # noqa: E731
    for k, target in enumerate(targets):
        for start in range(0, len(pack), BATCH):
            rows = slice(start, start + BATCH)
            image = to_tensor(pack.images[rows], target_device)
            edits[k, rows] = to_uint8(method.translate(image, as_label(bits[rows]), as_label(target[rows])))
            progress(k * len(pack) + start + len(image))
    with atomic(output) as part, part.open("wb") as stream:
        np.save(stream, edits)
