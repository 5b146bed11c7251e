"""Attribute accuracy of edits (fact sheet, section 8.1)."""

import numpy as np


def edit_accuracy(predicted: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Share of pictures whose edited bit is predicted as asked: [A, N, A] bits each -> [A], bit k from edit k."""
    hits = predicted == targets.astype(bool)
    return np.array([hits[k, :, k].mean() for k in range(len(hits))])


def preservation(predicted: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Share of all other bits predicted as the target has them: [A, N, A] each -> [A]; NaN if there is only one bit."""
    hits = predicted == targets.astype(bool)
    count = len(hits)
    if count == 1:
        return np.array([np.nan])
    return np.array([np.delete(hits[k], k, axis=1).mean() for k in range(count)])


def group_means(values: dict[str, float], groups: dict[str, tuple[str, ...]]) -> dict[str, float]:
    """Per-bit values -> means over the named groups of bits (Table 1: Hair Color averages three)."""
    return {group: float(np.mean([values[name] for name in names])) for group, names in groups.items()}
