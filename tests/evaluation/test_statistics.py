"""Intervals against closed forms, other libraries and their own promise."""

import tracemalloc

import numpy as np
import pytest
from scipy import stats

from insm.evaluation import statistics
from insm.evaluation.statistics import effect_size, interval, over_images, over_seeds, resamples, wilson


def intervals(outcomes, rng, **options):
    """Lower and upper ends from resamples of their own."""
    return interval(outcomes, resamples(outcomes.shape[1], rng, **options))


def test_wilson_by_hand():
    """The formula of Wilson's paper, for 8 of 10, and its virtue: never empty, never outside [0, 1]."""
    z, p, n = stats.norm.ppf(0.975), 0.8, 10
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half_width = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert wilson(8, 10) == pytest.approx((middle - half_width, middle + half_width))
    assert wilson(0, 10)[0] == 0 and 0.2 < wilson(0, 10)[1] < 0.3
    assert wilson(10, 10)[1] == pytest.approx(1) and 0.7 < wilson(10, 10)[0] < 0.8


def test_seeds_by_hand():
    """Three trainings: Student's t with 2 degrees of freedom, 4.303 standard errors."""
    low, high = over_seeds(np.array([0.7, 0.8, 0.9]))
    assert (low + high) / 2 == pytest.approx(0.8)
    assert (high - low) / 2 == pytest.approx(4.3027 * 0.1 / np.sqrt(3), rel=1e-4)
    assert np.isnan(over_seeds(np.array([0.7]))).all(), "one training tells nothing about others"
    several = over_seeds(np.array([[0.7, 1.0], [0.8, 1.0], [0.9, 1.0]]))
    assert [ends.tolist() for ends in several] == [[low, 1], [high, 1]], "each column by itself"


def test_bootstrap_agrees_with_scipy_and_the_closed_form():
    values = np.random.default_rng(0).normal(3, 2, 400)
    low, high = intervals(values[None, :, None], np.random.default_rng(1))
    error = values.std(ddof=1) / 20
    assert (low[0], high[0]) == pytest.approx(stats.norm(values.mean(), error).interval(0.95), abs=0.1 * error)
    known = stats.bootstrap((values,), np.mean, method="percentile", random_state=2).confidence_interval
    assert (low[0], high[0]) == pytest.approx((known.low, known.high), abs=0.1 * error)


def test_bootstrap_takes_an_image_whole_and_each_outcome_by_itself():
    """An outcome and its opposite cancel in every draw; together or alone an outcome has the same interval."""
    a = np.random.default_rng(0).normal(size=(1, 50, 1))
    both = np.concatenate([a, -a, a - a], axis=2)
    low, high = intervals(both, np.random.default_rng(1))
    assert low[0] == pytest.approx(-high[1]) and low[2] == high[2] == 0
    alone = intervals(a, np.random.default_rng(1))
    assert (low[0], high[0]) == pytest.approx((alone[0][0], alone[1][0]))


def test_images_without_an_outcome_do_not_count():
    values = np.random.default_rng(0).normal(size=200)
    gaps = np.stack([values, values], axis=1)
    gaps[100:, 1] = np.nan
    low, high = intervals(gaps[None], np.random.default_rng(1))
    error = values[:100].std(ddof=1) / 10
    assert (low[1], high[1]) == pytest.approx(stats.norm(values[:100].mean(), error).interval(0.95), abs=0.2 * error)
    assert high[1] - low[1] > 1.2 * (high[0] - low[0])


def test_images_and_seeds_add_in_squares():
    """Where only one of the two varies, its interval alone; where both do, their half-widths add in squares."""
    images = np.random.default_rng(0).normal(size=(1, 100, 1)).repeat(3, axis=0)
    seeds = np.array([0.0, 1, 2])[:, None, None] + np.zeros((3, 100, 1))
    low, high = intervals(images, np.random.default_rng(1))
    assert (low, high) == intervals(images[:1], np.random.default_rng(1))
    t = over_seeds(np.array([0.0, 1, 2]))
    assert np.ravel(intervals(seeds, np.random.default_rng(1))) == pytest.approx(np.ravel(t))
    both = intervals(images + seeds, np.random.default_rng(1))
    mean = images.mean()
    assert both[1][0] - mean - 1 == pytest.approx(np.hypot(high[0] - mean, t[1] - 1))
    assert mean + 1 - both[0][0] == pytest.approx(np.hypot(mean - low[0], t[1] - 1))


@pytest.mark.parametrize("of_seeds", [0, 0.1, 1])
@pytest.mark.parametrize("seeds", [1, 3, 5])
def test_intervals_keep_their_promise(seeds, of_seeds):
    """Of 400 experiments of 40 images about 95 % have the true mean inside, or more, however much trainings differ.

    One training has no interval over trainings, so its promise is about images alone.
    """
    rng = np.random.default_rng(0)
    images, noise = rng.normal(1, 1, (1, 40, 400)), rng.normal(0, 0.3, (seeds, 40, 400))
    trained = rng.normal(0, of_seeds, (seeds, 1, 400)) if seeds > 1 else 0
    low, high = intervals(images + noise + trained, rng, draws=2000)
    assert 0.91 < ((low <= 1) & (high >= 1)).mean() < 0.995


def test_effect_size_by_hand():
    differences = np.array([[1.0, 0.0, 2.0, 1.0], [3.0, 0.0, 2.0, np.nan], [2.0, 0.0, 2.0, 3.0]])
    assert effect_size(differences) == pytest.approx([2, 0, np.inf, 2 / np.sqrt(2)])


@pytest.mark.parametrize("missing", [False, True])
def test_many_images_are_drawn_and_averaged_in_parts(monkeypatch, missing):
    """The draws are those of one call, whatever is in memory at once, and so are the intervals."""
    values = np.random.default_rng(0).normal(size=(70, 3))
    if missing:
        values[:30, 1] = np.nan
    whole = resamples(70, np.random.default_rng(1), 500)
    assert (
        whole == np.random.default_rng(1).multinomial(70, np.full(70, 1 / 70), 500)
    ).all() and whole.dtype.itemsize == 1
    expected = over_images(values, whole)
    monkeypatch.setattr(statistics, "CHUNK", 70 * 64)
    parts = resamples(70, np.random.default_rng(1), 500)
    assert (parts == whole).all()
    assert np.array(over_images(values, parts)) == pytest.approx(np.array(expected), rel=1e-12)


def test_the_draws_of_many_images_are_never_in_memory_as_eight_bytes(monkeypatch):
    monkeypatch.setattr(statistics, "CHUNK", 2**17)
    tracemalloc.start()
    try:
        draws = resamples(1000, np.random.default_rng(0), 4000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert draws.dtype == np.uint8 and draws.nbytes == 4_000_000
    assert peak < 2 * draws.nbytes + 3 * 8 * 2**17  # the parts, the whole, and what is being drawn
