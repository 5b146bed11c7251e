"""Attribute accuracy and preservation of edits (docs/evaluation.md)."""

import numpy as np


def edit_hits(predicted: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Whether the edited attribute is classified as the target: [A, N, A] each -> bool [A, N], attribute k of edit k.

    Its mean over images is the edit accuracy.
    """
    hits = predicted == targets.astype(bool)
    return np.stack([hits[k, :, k] for k in range(len(hits))])


def kept_labels(predicted: np.ndarray, source: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many of the attributes that an edit leaves alone are still classified as they were, and how many there are.

    Predicted attributes and targets [A, N, A], source labels [N, A] -> two of [A, N]. Attributes that change with the
    edited one, such as the other hair colours, do not count. The preservation is the mean over images of the first over
    the second.
    """
    left = targets == source
    return ((predicted == source.astype(bool)) & left).sum(axis=2), left.sum(axis=2)


def group_means(values: dict[str, float], groups: dict[str, tuple[str, ...]]) -> dict[str, float]:
    """Values per attribute -> means over the named groups of attributes (Table 1: Hair Color averages three)."""
    return {group: float(np.mean([values[name] for name in names])) for group, names in groups.items()}
