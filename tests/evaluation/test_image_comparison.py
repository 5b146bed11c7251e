"""Intervals and differences from values of images."""

import numpy as np
import pytest
from scipy import stats

from insm.evaluation.comparison import DIFFERENCES, INTERVALS
from insm.evaluation.image_comparison import differences_of_images, intervals_of_images


@pytest.fixture
def values():
    rng = np.random.default_rng(0)
    make = lambda mean, seeds: mean + rng.normal(0, 0.02, (seeds, 1, 1)) + rng.normal(0, 0.1, (1, 1, 50))  # noqa: E731
    known = {"a": {"r2": make(0.7, 5)}, "b": {"r2": make(0.6, 4), "share": make(0.5, 4)}}
    return known | {"no edit": {"r2": make(0.0, 1)}, "real": {"r2": make(1.0, 1)}}


def test_intervals_know_seeds_and_images(values):
    table = intervals_of_images(values)
    assert list(table) == INTERVALS and len(table) == 5
    row = table[(table.variant == "a") & (table.metric == "r2")].iloc[0]
    assert row.low < row.seed_low < row.value < row.seed_high < row.high and (row.images, row.seeds) == (50, 5)
    means = values["a"]["r2"].mean(axis=(1, 2))
    assert (row.seed_low, row.seed_high) == pytest.approx(stats.t.interval(0.95, 4, means.mean(), stats.sem(means)))
    reference = table[table.variant == "no edit"].iloc[0]
    assert reference.low < reference.value < reference.high, "over images"


def test_differences_do_not_pair_seeds(values):
    table = differences_of_images(values).set_index(["variant", "other"])
    assert list(table.reset_index()) == DIFFERENCES
    assert set(table.index) == {("a", "b"), ("a", "no edit"), ("b", "no edit")}, "real images are not edits"
    row = table.loc[("a", "b")]
    welch = stats.ttest_ind(*(values[name]["r2"].mean(axis=(1, 2)) for name in "ab"), equal_var=False)
    low, high = welch.confidence_interval()
    assert row.difference == pytest.approx((low + high) / 2) and row.low < low < high < row.high
    assert (row.images, row.seeds) == (50, 4)
