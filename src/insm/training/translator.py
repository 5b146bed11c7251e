"""Translating the images of a prepared split with a finished model."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from insm.data.dataset import load_dataset
from insm.data.images import batches, to_tensor, to_uint8
from insm.data.prepared_split import load_split
from insm.support.errors import UserError
from insm.support.progress import Progress
from insm.support.runtime import setup
from insm.training.model_file import load_method

BATCH = 64


class Translator:
    """A finished model and the test split whose images it is to translate.

    Raises:
        UserError: a file is broken, or the split is of another size than the training's.
    """

    def __init__(self, model: Path, test: Path, device: str):
        self.device = setup(device)
        self.method, run = load_method(model, self.device)
        self.variant, self.dataset, self.split = run.variant, load_dataset(run.dataset), load_split(test)
        self.labels = self.split.labels(self.dataset.attributes)
        if self.split.size != run.size:
            raise UserError(
                f"{test} holds {self.split.size} px images, {model} was trained at {run.size} px: prepare it again"
            )

    @torch.inference_mode()
    def __call__(self, images: np.ndarray, labels: np.ndarray, targets: np.ndarray) -> Iterator[np.ndarray]:
        """Images uint8 [N, S, S, 3], their labels and the target labels, uint8 [N, A] -> uint8 [<= BATCH, S, S, 3]."""
        for batch, *both in batches(images, labels, targets, size=BATCH):
            source, target = (torch.from_numpy(labels).float().to(self.device) for labels in both)
            yield to_uint8(self.method.translate(to_tensor(batch, self.device), source, target))

    def to_targets(self, targets: np.ndarray, progress: Progress, done: int = 0) -> np.ndarray:
        """The whole split translated to each of the target labels, uint8 [T, N, A] -> uint8 [T, N, S, S, 3]."""
        made = np.empty((len(targets), *self.split.images.shape), dtype=np.uint8)
        for k, target in enumerate(targets):
            start = 0
            for images in self(self.split.images, self.labels, target):
                made[k, start : start + len(images)] = images
                start, done = start + len(images), done + len(images)
                progress(done)
        return made
