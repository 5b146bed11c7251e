"""Intervals against closed forms, other libraries and their own promise."""

import numpy as np
import pytest
from scipy import stats

from insm.statistics import Resamples, bootstrap, effect_size, over_seeds, wilson


def intervals(outcomes, rng, **options):
    """Lower and upper ends from resamples of their own."""
    return bootstrap(outcomes, Resamples.draw(*outcomes.shape[:2], rng, **options))


def test_wilson_by_hand():
    """The formula of Wilson's paper, for 8 of 10, and its virtue: never empty, never outside [0, 1]."""
    z, p, n = stats.norm.ppf(0.975), 0.8, 10
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert wilson(8, 10) == pytest.approx((middle - reach, middle + reach))
    assert wilson(0, 10)[0] == 0 and 0.2 < wilson(0, 10)[1] < 0.3
    assert wilson(10, 10)[1] == pytest.approx(1) and 0.7 < wilson(10, 10)[0] < 0.8


def test_seeds_by_hand():
    """Three trainings: Student's t with 2 degrees of freedom, 4.303 standard errors."""
    low, high = over_seeds(np.array([0.7, 0.8, 0.9]))
    assert (low + high) / 2 == pytest.approx(0.8)
    assert (high - low) / 2 == pytest.approx(4.3027 * 0.1 / np.sqrt(3), rel=1e-4)
    assert np.isnan(over_seeds(np.array([0.7]))).all(), "one training tells nothing about others"


def test_bootstrap_agrees_with_scipy_and_the_closed_form():
    values = np.random.default_rng(0).normal(3, 2, 400)
    low, high = intervals(values[None, :, None], np.random.default_rng(1))
    error = values.std(ddof=1) / 20
    assert (low[0], high[0]) == pytest.approx(stats.norm(values.mean(), error).interval(0.95), abs=0.1 * error)
    known = stats.bootstrap((values,), np.mean, method="percentile", random_state=2).confidence_interval
    assert (low[0], high[0]) == pytest.approx((known.low, known.high), abs=0.1 * error)


def test_bootstrap_takes_a_picture_whole_and_each_outcome_by_itself():
    """An outcome and its opposite cancel in every draw; together or alone an outcome has the same interval."""
    a = np.random.default_rng(0).normal(size=(1, 50, 1))
    both = np.concatenate([a, -a, a - a], axis=2)
    low, high = intervals(both, np.random.default_rng(1))
    assert low[0] == pytest.approx(-high[1]) and low[2] == high[2] == 0
    alone = intervals(a, np.random.default_rng(1))
    assert (low[0], high[0]) == pytest.approx((alone[0][0], alone[1][0]))


def test_pictures_without_an_outcome_do_not_count():
    values = np.random.default_rng(0).normal(size=200)
    gaps = np.stack([values, values], axis=1)
    gaps[100:, 1] = np.nan
    low, high = intervals(gaps[None], np.random.default_rng(1))
    error = values[:100].std(ddof=1) / 10
    assert (low[1], high[1]) == pytest.approx(stats.norm(values[:100].mean(), error).interval(0.95), abs=0.2 * error)
    assert high[1] - low[1] > 1.2 * (high[0] - low[0])


def test_seeds_widen_the_interval():
    """Two trainings that differ in everything: a quarter of the draws takes the first alone, a quarter the second."""
    outcomes = np.stack([np.zeros((100, 1)), np.ones((100, 1))])
    low, high = intervals(outcomes, np.random.default_rng(0))
    assert (low[0], high[0]) == (0, 1)
    low, high = intervals(outcomes[:1], np.random.default_rng(0))
    assert (low[0], high[0]) == (0, 0)


def test_intervals_keep_their_promise():
    """Of 400 experiments of 40 pictures about 95 % have the true mean inside."""
    rng = np.random.default_rng(0)
    values = rng.normal(1, 1, (1, 40, 400))
    low, high = intervals(values, rng, draws=2000)
    assert 0.91 < ((low <= 1) & (high >= 1)).mean() < 0.97


def test_effect_size_by_hand():
    differences = np.array([[1.0, 0.0, 2.0, 1.0], [3.0, 0.0, 2.0, np.nan], [2.0, 0.0, 2.0, 3.0]])
    assert effect_size(differences) == pytest.approx([2, 0, np.inf, 2 / np.sqrt(2)])
