"""Translations of a task's test images: those of a run, and the true ones where they are known."""

from typing import NamedTuple

import numpy as np

from insm.data.dataset import Dataset
from insm.data.edits import LABELS, permuted, toggled
from insm.data.prepared_split import PreparedSplit


class Translations(NamedTuple):
    """Translations of all test images, each uint8 [., N, S, S, 3]."""

    edits: np.ndarray  # [A, ...]: image n with attribute k toggled in edits[k, n]
    permuted: np.ndarray | None = None  # [P, ...]: with the labels of `edits.permuted`; None: not known
    same: np.ndarray | None = None  # [...]: with their own labels, G(x, a); None: the method has no such translation
    back: np.ndarray | None = None  # [A, M, ...]: the first M `edits` translated back, G(G(x, b), a); None: it cannot


class Stack:
    """Arrays [K, N, ...] read as one of [K * N, ...] without a copy: a file or a repeated array stays one."""

    def __init__(self, arrays: np.ndarray):
        self.arrays, self.each = arrays, arrays.shape[1]
        self.shape = (len(arrays) * self.each, *arrays.shape[2:])

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice) -> np.ndarray:
        place, stop, _ = rows.indices(len(self))
        parts = [self.arrays[0, :0]]
        while place < stop:
            k, first = divmod(place, self.each)
            count = min(stop - place, self.each - first)
            parts.append(self.arrays[k, first : first + count])
            place += count
        return np.concatenate(parts)


def ground_truth(split: PreparedSplit, dataset: Dataset, rounds: int = LABELS) -> Translations | None:
    """The true images: rendered, or for single edits the partner in a paired set, or None.

    `rounds` is the number of full target labels per image.
    """
    labels = split.labels(dataset.attributes)
    rendered = [
        [dataset.counterfactual(split.table, target, split.size) for target in targets]
        for targets in (toggled(labels, dataset), permuted(labels, rounds))
    ]
    if rendered[0][0] is not None:
        return Translations(*(np.array(p, dtype=np.uint8).reshape(len(p), *split.images.shape) for p in rendered))
    if dataset.paired:  # one attribute, so its toggle leads to the partner
        return Translations(np.asarray(split.images[split.table["pair"].to_numpy()])[None])
    return None
