"""Frechet distance by a factor of the covariance (Heusel et al., NeurIPS 2017: FID, on Inception features).

    d^2 = |m_a - m_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2))                  (Dowson & Landau, J. Multivar. Anal. 1982)

With C = F^T F, the eigenvalues of C_a C_b other than 0 are the squared singular values of F_a F_b^T. Their sum needs no
root of a matrix, and no root of a rounding error where N <= D makes the covariances singular.
"""

from typing import NamedTuple

import numpy as np

CHUNK = 4096  # rows in float64 at once: bounds memory beside the features


class Spread(NamedTuple):
    """First two moments of features; the second as a factor of the covariance."""

    mean: np.ndarray  # [D]
    factor: np.ndarray  # F [min(N, D), D]; F^T F is the unbiased covariance
    samples: int  # N


def spread(features: np.ndarray) -> Spread:
    """Features [N, D], N >= 2, in any precision -> their moments in float64.

    F is the centred features themselves, or where they are more than D the triangle of their QR decomposition, taken
    block by block.

    Raises:
        ValueError: fewer than two rows, which have no covariance.
    """
    n, d = features.shape
    if n < 2:
        raise ValueError(f"a covariance needs two samples, not {n}")
    mean = features.mean(axis=0, dtype=np.float64)
    factor = np.empty((0, d))
    for start in range(0, n, CHUNK):
        factor = np.concatenate([factor, features[start : start + CHUNK] - mean])
        if len(factor) > d:
            factor = np.linalg.qr(factor, mode="r")
    return Spread(mean, factor / np.sqrt(n - 1), n)


def fid(a: Spread, b: Spread) -> float:
    """The squared Frechet distance d^2 of two sets of features, at least 0."""
    gap = a.mean - b.mean
    overlap = np.linalg.svd(a.factor @ b.factor.T, compute_uv=False).sum()  # tr (C_a C_b)^(1/2)
    return max(0.0, float(gap @ gap + np.square(a.factor).sum() + np.square(b.factor).sum() - 2 * overlap))
