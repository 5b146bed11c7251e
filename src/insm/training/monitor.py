"""How accurate a training is by now, on a fixed batch of validation images: a curve to look at, of no result."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import numpy as np
import torch
from torch import nn

from insm.data.dataset import Dataset
from insm.data.edits import counted, toggled
from insm.data.images import batches, to_tensor, to_uint8
from insm.data.prepared_split import PreparedSplit, load_split
from insm.networks.method import Method
from insm.support.records import Current

IMAGES = 64  # the first of the validation split
BATCH = 64


@contextmanager
def not_an_input() -> Iterator[None]:
    """Leave what is read meanwhile out of the job's record: whether it is there by then is a matter of the schedule."""
    job, Current.job = Current.job, None
    try:
        yield
    finally:
        Current.job = job


class Monitor:
    """Measures single edits of a fixed batch, as soon as both files are there: a training waits for neither.

    Args:
        validation: prepared split that no training sees (.npy).
        classifier: the study's attribute classifier (.pt).
    """

    def __init__(self, validation: Path, classifier: Path):
        self.validation, self.classifier_file = validation, classifier
        self.split: PreparedSplit | None = None
        self.classifier: nn.Module | None = None

    def ready(self, device: torch.device) -> bool:
        """Whether there is something to measure with; opens it once."""
        files = (self.validation, self.validation.with_suffix(".parquet"), self.classifier_file)
        if self.classifier is None and all(file.exists() for file in files):
            with not_an_input():
                self.split = load_split(self.validation)
                # By its name: no weights depend on it, so no training is to be repeated for it.
                self.classifier = import_module("insm.networks.classifier").load(self.classifier_file, device)
        return self.classifier is not None

    @torch.no_grad()
    def __call__(self, method: Method, dataset: Dataset, device: torch.device) -> dict[str, float]:
        """Fraction of edits that the classifier reads as wanted, for each attribute and their mean; {} if not ready.

        The method's networks are in test mode, and random numbers stay as they are.
        """
        if not self.ready(device):
            return {}
        assert self.split is not None and self.classifier is not None
        images, labels = self.split.images[:IMAGES], self.split.labels(dataset.attributes)[:IMAGES]
        targets = toggled(labels, dataset)
        possible = counted(targets, dataset)
        accuracy = {}
        devices = [device] if device.type == "cuda" else []
        with torch.random.fork_rng(devices):
            for k, name in enumerate(dataset.attributes):
                wanted = targets[k][:, k]
                rows = possible[k] & (np.isin(wanted, method.config.translates_to) | (len(dataset.attributes) > 1))
                if rows.any():
                    logits = self.classify(method, images[rows], labels[rows], targets[k][rows], device)
                    accuracy[name] = float(((logits[:, k] > 0) == wanted[rows].astype(bool)).mean())
        return {"mean": float(np.mean(list(accuracy.values()))), **accuracy}

    def classify(
        self, method: Method, images: np.ndarray, labels: np.ndarray, targets: np.ndarray, device: torch.device
    ) -> np.ndarray:
        """Images uint8 [N, S, S, 3] translated from labels to targets [N, A] -> the classifier's logits [N, A]."""
        assert self.classifier is not None
        logits = []
        for part, *values in batches(images, labels, targets, size=BATCH):
            source, target = (torch.from_numpy(value).float().to(device) for value in values)
            made = to_uint8(method.translate(to_tensor(part, device), source, target))
            logits.append(self.classifier(to_tensor(made, device)).cpu().numpy())
        return np.concatenate(logits)
