"""The Frechet distance against closed forms and scipy."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from insm.metrics.frechet import Gaussian, frechet_distance, moments


def random_gaussian(seed: int, d: int = 6) -> Gaussian:
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(d, d))
    return Gaussian(rng.normal(size=d), factor @ factor.T + 0.1 * np.eye(d))


def test_moments_are_mean_and_unbiased_covariance():
    features = np.array([[1.0, 2.0], [3.0, 2.0], [5.0, 8.0]], dtype=np.float32)
    mean, covariance, samples = moments(features)
    assert samples == 3
    assert mean.tolist() == [3, 4] and covariance.tolist() == [[4, 6], [6, 12]] and covariance.dtype == np.float64
    assert moments(features[:, :1]).covariance.tolist() == [[4]], "also for one feature"


@pytest.mark.parametrize("seed", range(3))
def test_a_gaussian_is_at_zero_distance_from_itself(seed):
    one = random_gaussian(seed)
    assert 0 <= frechet_distance(one, one) < 1e-9


def test_diagonal_covariances_have_a_closed_form():
    rng = np.random.default_rng(0)
    (m1, m2), (s1, s2) = rng.normal(size=(2, 7)), rng.random((2, 7))
    expected = ((m1 - m2) ** 2 + (s1 - s2) ** 2).sum()
    assert frechet_distance(Gaussian(m1, np.diag(s1**2)), Gaussian(m2, np.diag(s2**2))) == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(5))
def test_any_covariances_against_the_matrix_root(seed):
    a, b = random_gaussian(seed), random_gaussian(seed + 100)
    root = sqrtm(a.covariance @ b.covariance).real
    expected = ((a.mean - b.mean) ** 2).sum() + np.trace(a.covariance + b.covariance - 2 * root)
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-8)
    assert frechet_distance(b, a) == pytest.approx(expected, rel=1e-8), "symmetric"


def test_fewer_samples_than_features():
    features = np.random.default_rng(0).normal(size=(5, 40))
    a, b = moments(features), moments(features + 2)
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-6)
    assert frechet_distance(a, b) == pytest.approx(40 * 4), "a pure shift"


def test_a_scaled_set_has_a_closed_form():
    features = np.random.default_rng(0).normal(size=(50, 8))
    features -= features.mean(axis=0)
    a, b = moments(features), moments(3 * features)
    assert frechet_distance(a, b) == pytest.approx((3 - 1) ** 2 * np.trace(a.covariance))
