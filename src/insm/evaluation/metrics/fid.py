"""Frechet distance by a factor of the covariance (Heusel et al., NeurIPS 2017: FID, on Inception features).

    d^2 = |m_a - m_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2))                  (Dowson & Landau, J. Multivar. Anal. 1982)

With C = F^T F, the eigenvalues of C_a C_b other than 0 are the squared singular values of F_a F_b^T. Their sum needs no
root of a matrix, and no root of a rounding error where the covariances are singular.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

CHUNK = 4096  # rows in float64 at once: bounds memory beside the features
COLLINEAR = 1e-9  # share of a feature's variance that the features before it leave; below it, roots of it lose digits
SMALL = 1e-12  # the same for eigenvalues, as a share of the largest


class Spread(NamedTuple):
    """First two moments of features; the second as a factor of the covariance."""

    mean: np.ndarray  # [D]
    factor: np.ndarray  # F [min(N, D), D]; F^T F is the unbiased covariance
    samples: int  # N


def spread(features: np.ndarray) -> Spread:
    """Features [N, D], N >= 2, in any precision -> their moments in float64.

    Raises:
        ValueError: fewer than two rows, which have no covariance.
    """
    n, d = features.shape
    if n < 2:
        raise ValueError(f"a covariance needs two samples, not {n}")
    mean = features.mean(axis=0, dtype=np.float64)
    factor = features - mean if n <= d else triangle(features, mean)
    return Spread(mean, factor / np.sqrt(n - 1), n)


def triangle(features: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Features [N, D] and their mean -> R [D, D], triangular, with R^T R = X^T X for the centred features X.

    By Cholesky, which is quick, unless features depend on one another or are constant: then by QR.
    """
    product = sum(rows.T @ rows for rows in blocks(features, mean))
    try:
        lower = np.linalg.cholesky(product)
    except np.linalg.LinAlgError:
        return orthogonal_triangle(features, mean)
    if (lower.diagonal() ** 2 <= COLLINEAR * product.diagonal()).any():
        return orthogonal_triangle(features, mean)
    return lower.T


def orthogonal_triangle(features: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """The same R but for signs, without squaring anything: QR decompositions of one block after the other."""
    upper = np.empty((0, features.shape[1]))
    for rows in blocks(features, mean):
        upper = np.asarray(np.linalg.qr(np.concatenate([upper, rows]), mode="r"))
    return upper


def blocks(features: np.ndarray, mean: np.ndarray) -> Iterator[np.ndarray]:
    """The centred features in float64, some rows at a time."""
    for start in range(0, len(features), CHUNK):
        yield features[start : start + CHUNK] - mean


def nuclear_norm(matrix: np.ndarray) -> float:
    """The sum of the singular values: roots of eigenvalues, which is quick, unless small ones would lose digits."""
    values = np.linalg.eigvalsh(matrix @ matrix.T if len(matrix) < matrix.shape[1] else matrix.T @ matrix)
    if values[0] > SMALL * values[-1]:
        return float(np.sqrt(values).sum())
    return float(np.linalg.svd(matrix, compute_uv=False).sum())


def fid(a: Spread, b: Spread) -> float:
    """The squared Frechet distance d^2 of two sets of features, at least 0."""
    gap = a.mean - b.mean
    overlap = nuclear_norm(a.factor @ b.factor.T)  # tr (C_a C_b)^(1/2)
    return max(0.0, float(gap @ gap + np.square(a.factor).sum() + np.square(b.factor).sum() - 2 * overlap))
