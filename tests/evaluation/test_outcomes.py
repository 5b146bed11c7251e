"""What is kept of a run: values of images that give the means of its edits, in little space."""

import numpy as np
import pytest

from insm.evaluation.outcomes import image_values, rounded

A, N = 3, 400


@pytest.fixture
def values():
    rng = np.random.default_rng(0)
    hits = [(rng.random((A, N)) < chance).astype(float) for chance in (0.7, 0.8)]
    for each in hits:
        each[1, ::2] = np.nan  # edits that do not count
    return {("accuracy", 1): hits[0], ("accuracy", 2): hits[1], ("r2", 0): rng.normal(0.3, 2.0, (A, N)),
            ("reversibility", 0): np.hstack([rng.random((A, 50)), np.full((A, N - 50), np.nan)])}  # fmt: skip


def test_values_of_images_have_the_mean_of_the_attributes_means(values):
    table = image_values(values, "test")
    assert list(table) == ["split", "image", "accuracy@1", "accuracy@2", "r2", "reversibility"] and len(table) == N
    for (metric, classifier), each in values.items():
        column = table[f"{metric}@{classifier}" if classifier else metric]
        expected = np.nanmean(each, axis=1).mean()
        assert column.mean() == pytest.approx(expected, abs=float(column.std()) / 10)
    assert table.reversibility.notna().sum() == 50


def test_rounding_leaves_few_levels_and_hardly_moves_the_mean():
    values = np.random.default_rng(1).normal(0.04, 0.02, 2000)
    few = rounded(values)
    assert few.dtype == np.float32 and len(np.unique(few)) < 80
    assert abs(few.mean(dtype=float) - values.mean()) < 0.02 / 50
    assert few.var(dtype=float) < (1 + 1 / 6 + 0.05) * values.var()
    one_value = rounded(np.repeat([0.0, 0.137], 5000))
    assert one_value[5000:].mean(dtype=float) == pytest.approx(0.137, abs=2e-3), "no bias where all images agree"
    assert np.abs(few - values).max() <= 0.02
    assert (rounded(np.full(5, 0.3)) == np.float32(0.3)).all()
    assert np.isnan(rounded(np.full(3, np.nan))).all()
