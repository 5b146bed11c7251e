"""Distances between two sets of features, by name: features -> summary of a set -> numbers about two summaries."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from insm.evaluation.metrics.fid import fid, spread
from insm.evaluation.metrics.kid import kid


class Distance(NamedTuple):
    """One kind of distance."""

    least: int  # images that a set must have
    summarise: Callable[[np.ndarray], Any]  # features [N, D] -> what it needs of a set
    compare: Callable[[Any, Any], dict[str, float]]  # of two sets -> numbers by the ending of their names


def kernel_numbers(a: np.ndarray, b: np.ndarray) -> dict[str, float]:
    """The kernel distance of features [N, D] and [M, D] and its standard error; always over the same subsets."""
    distance = kid(a, b, np.random.default_rng(0))
    return {"": distance.value, "_error": distance.error}


DISTANCES = {
    "frechet": Distance(2, spread, lambda a, b: {"": fid(a, b)}),
    "kernel": Distance(3, np.asarray, kernel_numbers),
}
