"""Frechet distance between two sets of features (Heusel et al., NeurIPS 2017, there on Inception features: FID).

On other features it is a different number and must carry their name, such as `frechet_classifier`.
"""

from typing import NamedTuple

import numpy as np


class Gaussian(NamedTuple):
    """First two moments of features."""

    mean: np.ndarray  # [D]
    covariance: np.ndarray  # [D, D], unbiased
    samples: int = 0  # N; 0 where the moments are not estimates


def moments(features: np.ndarray) -> Gaussian:
    """Features [N, D], N >= 2 -> their mean and covariance in float64."""
    features = np.asarray(features, dtype=np.float64)
    return Gaussian(features.mean(axis=0), np.atleast_2d(np.cov(features, rowvar=False)), len(features))


def frechet_distance(a: Gaussian, b: Gaussian) -> float:
    """|m_a - m_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2)), at least 0.

    The trace of the root is the sum of the square roots of the eigenvalues of C_a^(1/2) C_b C_a^(1/2), which is
    symmetric: real also when N < D makes the covariances singular. Then it is a little off; insm.metrics.fid is not.
    """
    values, vectors = np.linalg.eigh(a.covariance)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    eigenvalues = np.linalg.eigvalsh(root @ b.covariance @ root)
    trace_root = np.sqrt(np.clip(eigenvalues, 0, None)).sum()
    gap = a.mean - b.mean
    return max(0.0, float(gap @ gap + np.trace(a.covariance) + np.trace(b.covariance) - 2 * trace_root))
