"""Translating the images of a prepared split with a finished model."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch

from insm.data.dataset import Dataset, load_dataset
from insm.data.edits import toggled
from insm.data.images import batches, grid, to_tensor, to_uint8
from insm.data.prepared_split import PreparedSplit, load_split
from insm.networks.method import Method
from insm.support.errors import UserError
from insm.support.runtime import setup
from insm.training.model_file import load_method

BATCH = 64
SAMPLES = 8  # images in a sample grid


class Translator:
    """A method that translates the images of a prepared split.

    Args:
        method: in evaluation mode.
        dataset: of its training.
        split: images of the training's size.
        device: where the method is.
    """

    def __init__(self, method: Method, dataset: Dataset, split: PreparedSplit, device: torch.device):
        self.method, self.dataset, self.split, self.device = method, dataset, split, device
        self.labels = split.labels(dataset.attributes)

    @classmethod
    def open(cls, model: Path, images: Path, device: str) -> "Translator":
        """A finished model and the prepared split (.npy) whose images it is to translate.

        Raises:
            UserError: a file is broken, or the split is of another size than the training's.
        """
        target, split = setup(device), load_split(images)
        method, run = load_method(model, target)
        if split.size != run.size:
            raise UserError(
                f"{images} holds {split.size} px images, {model} was trained at {run.size} px: prepare it again"
            )
        return cls(method, load_dataset(run.dataset), split, target)

    @torch.inference_mode()
    def __call__(self, images: np.ndarray, labels: np.ndarray, targets: np.ndarray) -> Iterator[np.ndarray]:
        """Images uint8 [N, S, S, 3], their labels and the target labels, uint8 [N, A] -> uint8 [<= BATCH, S, S, 3]."""
        for batch, *both in batches(images, labels, targets, size=BATCH):
            source, target = (torch.from_numpy(labels).float().to(self.device) for labels in both)
            yield to_uint8(self.method.translate(to_tensor(batch, self.device), source, target))

    def samples(self) -> np.ndarray:
        """The first images and, a row for each attribute, their translations with that attribute toggled, as a grid."""
        images, labels = self.split.images[:SAMPLES], self.labels[:SAMPLES]
        made = (np.concatenate([*self(images, labels, target)]) for target in toggled(labels, self.dataset))
        return grid([images, *made])

    def to_targets(self, targets: np.ndarray, tell: Callable[[int], object] = lambda images: None) -> np.ndarray:
        """The whole split translated to each of the target labels, uint8 [T, N, A] -> uint8 [T, N, S, S, 3].

        `tell` is called after every batch with its number of images.
        """
        made = np.empty((len(targets), *self.split.images.shape), dtype=np.uint8)
        for k, target in enumerate(targets):
            start = 0
            for images in self(self.split.images, self.labels, target):
                made[k, start : start + len(images)] = images
                start += len(images)
                tell(len(images))
        return made
