"""Contrasts against scipy, closed forms and their own promise."""

import numpy as np
import pytest
from scipy import stats

from insm.evaluation.contrasts import Estimate, contrast, holm, of_images


def of_trainings(*values: float) -> np.ndarray:
    """Values of trainings alone: one classifier, one set of images."""
    return np.array(values, dtype=float)[:, None, None]


def test_with_trainings_alone_it_is_welchs_test():
    a, b = [0.71, 0.75, 0.78, 0.70], [0.66, 0.72, 0.69, 0.70, 0.71]
    estimate = contrast({"a": of_trainings(*a), "b": of_trainings(*b)}, {"a": 1, "b": -1})
    welch = stats.ttest_ind(a, b, equal_var=False)
    assert estimate.value == pytest.approx(np.mean(a) - np.mean(b)) and estimate.dof == pytest.approx(welch.df)
    assert 2 * min(estimate.p_above(), estimate.p_below()) == pytest.approx(welch.pvalue)
    assert estimate.interval() == pytest.approx(tuple(welch.confidence_interval()))
    assert set(estimate.terms) == {"seeds"}


def test_pooled_it_is_students_test_and_the_analysis_of_variance():
    a, b = [0.71, 0.75, 0.78], [0.66, 0.72, 0.69]
    estimate = contrast({"a": of_trainings(*a), "b": of_trainings(*b)}, {"a": 1, "b": -1}, pooled=True)
    student = stats.ttest_ind(a, b)
    assert (estimate.dof, 2 * estimate.p_above()) == pytest.approx((4, student.pvalue))

    rng = np.random.default_rng(0)
    cells = {name: rng.normal(0.7 + 0.02 * (name in "cd"), 0.02, 10) for name in "acde"}
    weights = {"c": 0.5, "d": 0.5, "a": -0.5, "e": -0.5}
    effect = contrast({name: of_trainings(*cell) for name, cell in cells.items()}, weights, pooled=True)
    design = np.repeat(
        [[1, 0.5, -0.5, -0.25], [1, 0.5, 0.5, 0.25], [1, -0.5, 0.5, -0.25], [1, -0.5, -0.5, 0.25]], 10, 0
    )
    found, rest = np.linalg.lstsq(design, np.concatenate([cells[name] for name in "dcae"]))[:2]
    error = np.sqrt(rest[0] / 36 * np.linalg.inv(design.T @ design)[1, 1])
    assert (effect.value, effect.error, effect.dof) == pytest.approx((found[1], error, 36)), "a regression's AIW"


def test_images_and_classifiers_are_paired():
    """What all variants share cancels: hard images, and a strict classifier."""
    rng = np.random.default_rng(1)
    images, classifiers = rng.normal(0, 5, 40), np.array([0.0, 3.0, -3.0])
    base = np.array([0.1, 0.2, 0.3])[:, None, None] + classifiers[None, :, None] + images
    assert contrast({"a": base + 1, "b": base}, {"a": 1, "b": -1}).terms["images"].variance == pytest.approx(0)
    twice = contrast({"a": base + rng.normal(0, 1, 40), "b": base}, {"a": 1, "b": -1}).terms
    assert twice["images"].variance == pytest.approx(1 / 40, rel=0.5) and twice["images"].dof == 39
    assert twice["classifiers"].variance == pytest.approx(0)
    harsh = contrast({"a": base + np.array([0, 1, 2])[None, :, None], "b": base}, {"a": 1, "b": -1}).terms
    assert harsh["classifiers"] == pytest.approx((1 / 3, 2))


def test_an_unedited_input_has_no_term_of_seeds_and_a_single_training_no_error():
    values = {"a": of_trainings(0.7, 0.8), "no edit": of_trainings(0.1), "b": of_trainings(0.5)}
    known = contrast(values, {"a": 1, "no edit": -1}, untrained=["no edit"])
    assert known.error == pytest.approx(stats.sem([0.7, 0.8])) and known.dof == 1
    lone = contrast(values, {"a": 1, "b": -1})
    assert lone.value == pytest.approx(0.25) and np.isnan([lone.error, lone.p_above(), *lone.interval()]).all()


def test_equivalence_and_detectable_difference_by_hand():
    estimate = Estimate(0.5, 0.4, 20, {})
    assert estimate.p_equivalent(2) == pytest.approx(stats.t.sf((2 - 0.5) / 0.4, 20))
    assert Estimate(-0.5, 0.4, 20, {}).p_equivalent(2) == pytest.approx(estimate.p_equivalent(2))
    assert Estimate(3.0, 0.4, 20, {}).p_equivalent(2) > 0.9
    assert estimate.detectable(0.05, 0.8) == pytest.approx(0.4 * (stats.t.ppf(0.975, 20) + stats.t.ppf(0.8, 20)))
    assert Estimate(0.0, 0.0, np.inf, {}).p_above() == Estimate(0.0, 0.0, np.inf, {}).p_below() == 1
    assert (Estimate(0.1, 0.0, np.inf, {}).p_above(), Estimate(0.1, 0.0, np.inf, {}).p_below()) == (0, 1)


def test_the_mean_of_images_is_the_mean_over_attributes():
    nan = np.nan
    values = np.array([[1.0, nan, 0.0], [0.0, nan, 1.0], [1.0, nan, nan], [1.0, nan, nan]])
    images = of_images(values)
    assert images.mean() == pytest.approx((0.75 + 0.5) / 2), "means of the attributes that count"
    assert of_images(np.stack([values, values + 1])).mean(axis=1) == pytest.approx([0.625, 1.625])
    assert of_images(np.array([[1.0, 0.0], [0.0, 0.0]])).tolist() == [0.5, 0], "where all count, means of edits"
    assert np.isnan(of_images(np.full((3, 2), nan))).all()


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.6, 0.9]) == pytest.approx([1, 1])
    assert holm([0.01, np.nan]) == pytest.approx([0.02, np.nan], nan_ok=True), "a missing test still counts"


@pytest.mark.parametrize("pooled", [False, True])
def test_intervals_cover_the_truth(pooled):
    """Studies of 10 seeds, 3 classifiers and 50 images, with an error of every kind: 95 % of intervals hold 0."""
    rng, studies = np.random.default_rng(2), 600
    weights = {"c": 0.5, "d": 0.5, "a": -0.5, "e": -0.5} if pooled else {"c": 1.0, "a": -1.0}
    covered = 0
    for _ in range(studies):
        values = {
            name: rng.normal(0, 0.02, (10, 1, 1)) + rng.normal(0, 0.005, (1, 3, 1)) + rng.normal(0, 0.1, (1, 1, 50))
            + rng.normal(0, 0.1, (10, 3, 50))
            for name in weights
        }  # fmt: skip
        low, high = contrast(values, weights, pooled).interval()
        covered += low < 0 < high
    assert 0.93 <= covered / studies <= 0.985, (
        "sampling of 600 studies; terms that overlap make intervals a little wide"
    )
