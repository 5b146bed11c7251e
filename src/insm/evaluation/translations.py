"""Translations of a task's test images: those of a run, and the true ones where they are known."""

from collections.abc import Iterator
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


class Images(NamedTuple):
    """Images [K, N, S, S, 3] uint8 that are made when they are asked for."""

    shape: tuple[int, ...]
    parts: Iterator[np.ndarray]  # K times [N, S, S, 3]

    def in_memory(self) -> np.ndarray:
        """All of them at once."""
        return np.array(list(self.parts), dtype=np.uint8).reshape(self.shape)


def true_images(split: PreparedSplit, dataset: Dataset, rounds: int = LABELS) -> tuple[Images | None, Images | None]:
    """The true images of all single edits, and with other images' labels: rendered, or the partner in a paired set.

    None where they are not known. `rounds` is the number of full target labels per image.
    """
    labels, table, shape = split.labels(dataset.attributes), split.table, split.images.shape
    edits = toggled(labels, dataset)

    def rendered(targets: np.ndarray) -> Iterator[np.ndarray]:
        for target in targets:
            images = dataset.counterfactual(table, target, split.size)
            assert images is not None
            yield images

    if dataset.counterfactual(table.iloc[:1], edits[0, :1], split.size) is not None:
        known = (edits, permuted(labels, rounds))
        first, second = (Images((len(targets), *shape), rendered(targets)) for targets in known)
        return first, second
    if dataset.paired:  # one attribute, so its toggle leads to the partner
        return Images((1, *shape), iter([np.asarray(split.images[table["pair"].to_numpy()])])), None
    return None, None


def ground_truth(split: PreparedSplit, dataset: Dataset, rounds: int = LABELS) -> Translations | None:
    """The true images in memory; None where not even those of single edits are known."""
    edits, others = true_images(split, dataset, rounds)
    return Translations(edits.in_memory(), others.in_memory() if others else None) if edits else None
