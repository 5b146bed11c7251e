"""Kernel distance of two sets of features (Binkowski et al., ICLR 2018: KID, on Inception features).

The squared maximum mean discrepancy for the kernel k(x, y) = (x.y / D + 1)^3: unbiased at any number of samples, so it
may be negative, and its standard error. As published, a mean over subsets: an unbiased estimate allows any size.
"""

from typing import NamedTuple

import numpy as np

SUBSETS, SIZE = 100, 1000  # as published
Random = np.random.Generator | np.random.RandomState


class Discrepancy(NamedTuple):
    """An estimate of a squared maximum mean discrepancy, and the part of its variance that each set brings."""

    value: float
    variance_x: float
    variance_y: float


class KernelDistance(NamedTuple):
    """The mean over subsets."""

    value: float
    error: float  # standard error of `value`, over new draws of both sets
    deviation: float  # standard deviation over subsets, which others print; 0 where a subset is the whole set


def kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """k of every pair: [m, D], [n, D] -> [m, n]."""
    base = x @ y.T / x.shape[1] + 1
    return base * base * base


def discrepancy(x: np.ndarray, y: np.ndarray) -> Discrepancy:
    """The unbiased estimate (Gretton et al., JMLR 2012, Eq. 3) from x [m, D] and y [n, D], m and n >= 3.

    The variances are the jackknife's (Arvesen, Ann. Math. Stat. 1969): the estimates that leave out one row each.
    """
    m, n = len(x), len(y)
    inner_x, inner_y = ((k := kernel(z, z)).sum(axis=1) - k.diagonal() for z in (x, y))
    across = kernel(x, y)
    total = across.sum()
    mean_x, mean_y = inner_x.sum() / (m * (m - 1)), inner_y.sum() / (n * (n - 1))
    without_x = (inner_x.sum() - 2 * inner_x) / ((m - 1) * (m - 2)) - 2 * (total - across.sum(axis=1)) / ((m - 1) * n)
    without_y = (inner_y.sum() - 2 * inner_y) / ((n - 1) * (n - 2)) - 2 * (total - across.sum(axis=0)) / ((n - 1) * m)
    return Discrepancy(
        float(mean_x + mean_y - 2 * total / (m * n)), (m - 1) * float(without_x.var()), (n - 1) * float(without_y.var())
    )


def kid(a: np.ndarray, b: np.ndarray, rng: Random, subsets: int = SUBSETS, size: int = SIZE) -> KernelDistance:
    """The kernel distance of features [N, D] and [M, D], N and M >= 3: the mean over pairs of random subsets.

    A jackknife's variance is that of a subset alone. A mean over B subsets of m of the N rows varies less: by m / N,
    but for what the choice of subsets adds, (1 - m / N) / B.

    Args:
        rng: draws the rows of a, then those of b, for each pair.
        subsets: how many pairs; one suffices where a subset is everything.
        size: rows of a subset; fewer where there are fewer.

    Raises:
        ValueError: fewer than three rows.
    """
    size = min(size, len(a), len(b))
    if size < 3:
        raise ValueError(f"a kernel distance needs three samples, not {size}")
    if size == len(a) == len(b):
        subsets = 1
    draws = ((rng.choice(len(a), size, replace=False), rng.choice(len(b), size, replace=False)) for _ in range(subsets))
    values, *variances = np.array([discrepancy(a[i].astype(np.float64), b[j].astype(np.float64)) for i, j in draws]).T
    shares = (size / n + (1 - size / n) / subsets for n in (len(a), len(b)))
    variance = sum(share * part.mean() for share, part in zip(shares, variances, strict=True))
    return KernelDistance(float(values.mean()), float(np.sqrt(variance)), float(values.std()))
