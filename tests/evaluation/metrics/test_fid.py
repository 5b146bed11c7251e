"""The Frechet distance by factors: closed forms, the matrix root, and the reference implementations."""

import numpy as np
import pytest
import scipy.linalg
import torch
from cleanfid.fid import frechet_distance as clean_fid
from pytorch_fid.fid_score import calculate_frechet_distance as pytorch_fid
from torch_fidelity.metric_fid import KEY_METRIC_FID, fid_features_to_statistics, fid_statistics_to_metric

from insm.evaluation.metrics import fid as module
from insm.evaluation.metrics.fid import Spread, fid, nuclear_norm, orthogonal_triangle, spread, triangle

# The references take the root of a singular matrix where N <= D, as SciPy warns.
pytestmark = pytest.mark.filterwarnings("ignore:Matrix is singular")
SHAPES = [(300, 200, 24), (40, 300, 64), (20, 30, 64), (2, 2, 8)]  # N, M, D


def samples(n: int, m: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Two sets of correlated, non-negative features of unlike scales, as networks have."""
    rng = np.random.default_rng([n, m, d])
    mix, scale = rng.normal(size=(d, d)), rng.exponential(size=d)
    return tuple(np.maximum(rng.normal(shift, 1, (k, d)) @ mix, 0) * scale for k, shift in ((n, 0), (m, 0.3)))


def reference(distance, a: np.ndarray, b: np.ndarray) -> float:
    return distance(a.mean(axis=0), np.cov(a, rowvar=False), b.mean(axis=0), np.cov(b, rowvar=False))


@pytest.fixture
def root(monkeypatch):
    """scipy.linalg.sqrtm with the argument that SciPy 1.18 drops and both packages still give."""
    sqrtm = scipy.linalg.sqrtm
    monkeypatch.setattr(scipy.linalg, "sqrtm", lambda a, disp=True: sqrtm(a) if disp else (sqrtm(a), 0.0))


@pytest.mark.parametrize("shape", SHAPES)
def test_factors_are_those_of_mean_and_covariance(shape):
    for features in samples(*shape):
        got = spread(features.astype(np.float32))
        assert got.factor.shape == (min(features.shape), shape[2]) and got.samples == len(features)
        assert got.mean.dtype == got.factor.dtype == np.float64
        np.testing.assert_allclose(got.mean, features.mean(axis=0), rtol=1e-6)
        np.testing.assert_allclose(got.factor.T @ got.factor, np.cov(features, rowvar=False), rtol=1e-5, atol=1e-5)


def test_both_triangles_are_the_same():
    a, _ = samples(300, 200, 24)
    quick, exact = (np.abs(way(a, a.mean(axis=0))) for way in (triangle, orthogonal_triangle))
    np.testing.assert_allclose(quick, exact, rtol=1e-8, atol=1e-9 * exact.max())


def test_dependent_constant_and_repeated_features_are_no_trouble():
    """Copies of 30 images, 12 times: 29 directions of 64, the rest would be rounding errors; and a dead feature."""
    a, b = samples(30, 300, 64)
    a[:, 5], b[:, 5], b[:, 7] = 0, 0, 3 * b[:, 6] - b[:, 8]
    once, often = spread(a), spread(np.tile(a, (12, 1)))
    assert often.factor.shape == (64, 64) and np.linalg.matrix_rank(often.factor) == 29
    once = once._replace(factor=once.factor * np.sqrt(29 / 30 * 360 / 359))
    assert fid(often, spread(b)) == pytest.approx(fid(once, spread(b)), rel=1e-10)
    assert fid(often, once) == pytest.approx(0, abs=1e-10 * np.square(a).sum())


@pytest.mark.parametrize("shape", [(4, 9), (9, 4), (6, 6)])
@pytest.mark.parametrize("smallest", [1, 1e-3, 1e-9, 0])
def test_nuclear_norm_of_known_singular_values(shape, smallest):
    rng = np.random.default_rng(0)
    values = np.linspace(1, 2, min(shape))
    values[0] = smallest
    left, right = (np.linalg.qr(rng.normal(size=(side, min(shape))))[0] for side in shape)
    assert nuclear_norm(left * values @ right.T) == pytest.approx(values.sum(), rel=1e-10)


@pytest.mark.parametrize("chunk", [1, 7, 64, 1000])
def test_blocks_change_nothing(monkeypatch, chunk):
    a, b = samples(300, 200, 24)
    whole = fid(spread(a), spread(b))
    monkeypatch.setattr(module, "CHUNK", chunk)
    assert fid(spread(a), spread(b)) == pytest.approx(whole, rel=1e-12)


def test_one_sample_has_no_covariance():
    with pytest.raises(ValueError, match="two samples"):
        spread(np.ones((1, 4)))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_set_is_at_zero_distance_from_itself(shape):
    a, _ = samples(*shape)
    assert 0 <= fid(spread(a), spread(a[::-1])) < 1e-10 * np.square(a).sum()


def test_diagonal_covariances_have_a_closed_form():
    (m1, m2), (s1, s2) = np.random.default_rng(0).random((2, 2, 7))
    expected = ((m1 - m2) ** 2 + (s1 - s2) ** 2).sum()
    assert fid(Spread(m1, np.diag(s1), 9), Spread(m2, np.diag(s2), 9)) == pytest.approx(expected)


def test_one_feature_has_a_closed_form():
    a, b = samples(50, 30, 1)
    expected = (a.mean() - b.mean()) ** 2 + (a.std(ddof=1) - b.std(ddof=1)) ** 2
    assert fid(spread(a), spread(b)) == pytest.approx(expected)


@pytest.mark.parametrize("shape", SHAPES)
def test_shifted_and_scaled_sets_have_a_closed_form(shape):
    a, _ = samples(*shape)
    variance = a.var(axis=0, ddof=1).sum()
    assert fid(spread(a), spread(a + 2)) == pytest.approx(4 * shape[2], rel=1e-9), "a pure shift"
    a -= a.mean(axis=0)
    assert fid(spread(a), spread(3 * a)) == pytest.approx((3 - 1) ** 2 * variance, rel=1e-9)


def test_sets_in_orthogonal_subspaces_have_a_closed_form():
    """C_a C_b = 0: nothing to take a root of. With fewer samples than features that happens."""
    a, b = samples(5, 6, 8)
    a[:, 4:] = b[:, :4] = 0
    gap = a.mean(axis=0) - b.mean(axis=0)
    expected = gap @ gap + a.var(axis=0, ddof=1).sum() + b.var(axis=0, ddof=1).sum()
    assert fid(spread(a), spread(b)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_matrix_root_gives_the_same(shape):
    a, b = samples(*shape)
    covariances = [np.cov(features, rowvar=False) for features in (a, b)]
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1]).real
    expected = np.square(a.mean(axis=0) - b.mean(axis=0)).sum() + np.trace(sum(covariances) - 2 * root)
    for got in (fid(spread(a), spread(b)), fid(spread(b), spread(a))):
        assert got == pytest.approx(expected, rel=1e-6), "which errs by the root of a rounding error if N <= D"


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("distance", [pytorch_fid, clean_fid])
def test_pytorch_fid_and_clean_fid_give_the_same(root, distance, shape):
    a, b = samples(*shape)
    assert fid(spread(a), spread(b)) == pytest.approx(reference(distance, a, b), rel=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
def test_torch_fidelity_gives_the_same(shape):
    sets = samples(*shape)
    statistics = (fid_features_to_statistics(torch.from_numpy(features)) for features in sets)
    expected = fid_statistics_to_metric(*statistics, verbose=False)[KEY_METRIC_FID]
    assert fid(*map(spread, sets)) == pytest.approx(expected, rel=1e-6)
