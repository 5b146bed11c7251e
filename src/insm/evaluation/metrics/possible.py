"""Accuracy over possible edits (docs/evaluation.md): an image that the data cannot hold is no test of a method."""

import numpy as np

from insm.evaluation.combinations import possible


def possible_edits(targets: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Which edits have a target label that is possible: targets [A, N, A], training labels [M, A] -> bool [A, N].

    Any two values of a possible label occur together in the training images (`combinations.possible`): a bearded woman
    is not among them.
    """
    return np.stack([possible(labels, seen) for labels in targets])


def over_possible(values: np.ndarray, possible: np.ndarray) -> np.ndarray:
    """Outcomes of edits [A, N] with NaN, which no mean counts, where the edit is not possible."""
    return np.where(possible, values, np.nan)
