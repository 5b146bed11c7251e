"""Attribute accuracy of edits (docs/paper-map.md, "How edits are judged")."""

import numpy as np


def edit_accuracy(predicted: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Share of pictures whose edited bit is predicted as asked: [A, N, A] bits each -> [A], bit k from edit k."""
    hits = predicted == targets.astype(bool)
    return np.array([hits[k, :, k].mean() for k in range(len(hits))])


def preservation(predicted: np.ndarray, source: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Share of the bits that an edit leaves alone which are still predicted as they were.

    Predicted bits and targets [A, N, A], source bits [N, A] -> [A]. Bits that change with the edited one, such as the
    other hair colours, do not count.
    """
    kept = targets == source
    hits = (predicted == source.astype(bool)) & kept
    with np.errstate(invalid="ignore"):  # a single attribute leaves nothing to preserve: NaN
        return hits.sum(axis=(1, 2)) / kept.sum(axis=(1, 2))


def group_means(values: dict[str, float], groups: dict[str, tuple[str, ...]]) -> dict[str, float]:
    """Per-bit values -> means over the named groups of bits (Table 1: Hair Color averages three)."""
    return {group: float(np.mean([values[name] for name in names])) for group, names in groups.items()}
