"""The kernel distance: by hand, its standard error, and the reference implementations."""

import numpy as np
import pytest
import torch
from cleanfid.fid import kernel_distance as clean_kid
from torch_fidelity.metric_kid import KEY_METRIC_KID_MEAN, KEY_METRIC_KID_STD, kid_features_to_metric

from insm.evaluation.metrics.kid import discrepancy, kernel, kid


def samples(n: int = 60, m: int = 50, d: int = 16, shift: float = 0.4, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)), rng.normal(shift, 1, (m, d))


def test_kernel_by_hand():
    x, y = np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([[3.0, -1.0]])
    assert kernel(x, y).tolist() == [[(1 / 2 + 1) ** 3], [1.0]]


def test_discrepancy_counts_no_row_with_itself():
    x, y = samples(5, 4)
    k = lambda a, b: (a @ b / 16 + 1) ** 3  # noqa: E731
    within = lambda z: np.mean([k(a, b) for i, a in enumerate(z) for j, b in enumerate(z) if i != j])  # noqa: E731
    expected = within(x) + within(y) - 2 * np.mean([k(a, b) for a in x for b in y])
    assert discrepancy(x, y).value == pytest.approx(expected)


def test_variances_are_those_of_leaving_one_out():
    x, y = samples(9, 7)
    without = [discrepancy(np.delete(x, k, axis=0), y).value for k in range(9)]
    assert discrepancy(x, y).variance_x == pytest.approx(8 * np.var(without))
    without = [discrepancy(x, np.delete(y, k, axis=0)).value for k in range(7)]
    assert discrepancy(x, y).variance_y == pytest.approx(6 * np.var(without))


def test_it_is_symmetric():
    x, y = samples(50, 50)
    (value, *variances), (swapped, *others) = discrepancy(x, y), discrepancy(y, x)
    assert value == pytest.approx(swapped) and variances == pytest.approx(others[::-1])


def test_equal_distributions_are_at_zero_on_average_at_any_size():
    for size in (10, 60):
        values = [kid(*samples(shift=0, seed=k), np.random.default_rng(k), 4, size).value for k in range(100)]
        assert abs(np.mean(values)) < 3 * np.std(values) / 10
        assert min(values) < 0, "unbiased, so it may be negative"


@pytest.mark.parametrize(("subsets", "size"), [(100, 1000), (20, 25)])
def test_the_error_is_the_deviation_over_new_draws(subsets, size):
    draws = [kid(*samples(60, 90, 4, 0.8, k), np.random.default_rng(k), subsets, size) for k in range(150)]
    deviation = np.std([draw.value for draw in draws])
    assert 0.85 * deviation < np.mean([draw.error for draw in draws]) < 1.4 * deviation


def test_the_error_has_no_mercy_with_subsets_of_everything():
    """Subsets that are whole sets do not differ: their deviation says nothing."""
    distance = kid(*samples(50, 50), np.random.default_rng(0))
    assert distance.deviation == 0 < distance.error
    assert distance.value == pytest.approx(discrepancy(*samples(50, 50)).value)


def test_more_images_leave_less_error():
    errors = [kid(*samples(n, n), np.random.default_rng(0), 20, 30).error for n in (30, 120, 480)]
    assert errors[0] > errors[1] > errors[2]


def test_three_samples_are_needed():
    with pytest.raises(ValueError, match="three samples"):
        kid(np.ones((2, 4)), np.ones((9, 4)), np.random.default_rng(0))


def test_float32_features_are_computed_with_in_float64():
    x, y = (10 * features.astype(np.float32) for features in samples())
    expected = kid(x.astype(np.float64), y.astype(np.float64), np.random.default_rng(0))
    assert kid(x, y, np.random.default_rng(0)) == expected


@pytest.mark.parametrize(("n", "m", "size"), [(60, 50, 20), (50, 50, 50), (300, 50, 50)])
def test_torch_fidelity_gives_the_same_of_the_same_subsets(n, m, size):
    x, y = samples(n, m)
    options = {"kid_subsets": 8, "kid_subset_size": size, "rng_seed": 2020, "verbose": False}
    expected = kid_features_to_metric(torch.from_numpy(x), torch.from_numpy(y), **options)
    got = kid(x, y, np.random.RandomState(2020), 8, size)
    assert got.value == pytest.approx(expected[KEY_METRIC_KID_MEAN], rel=1e-9)
    assert got.deviation == pytest.approx(expected[KEY_METRIC_KID_STD], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("n", "m", "size"), [(60, 50, 20), (50, 50, 1000), (300, 50, 1000)])
def test_clean_fid_gives_the_same_of_the_same_subsets(n, m, size):
    x, y = samples(n, m)
    np.random.seed(2020)
    expected = clean_kid(y, x, num_subsets=8, max_subset_size=size)  # it draws the rows of its second set first
    assert kid(x, y, np.random.RandomState(2020), 8, size).value == pytest.approx(expected, rel=1e-9)
