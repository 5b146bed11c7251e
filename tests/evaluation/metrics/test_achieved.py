"""The achieved share and the counterfactual R^2 of edits whose values are known by hand."""

import numpy as np
import pytest

from insm.evaluation.metrics.achieved import achieved


@pytest.fixture
def example():
    """600 images (more than one chunk) and their true edits, which brighten the left half, some more than others."""
    rng = np.random.default_rng(0)
    images = rng.integers(60, 120, (600, 4, 4, 3), dtype=np.uint8)
    truth = images.copy()
    truth[:, :, :2] += rng.integers(20, 60, (600, 1, 1, 1), dtype=np.uint8)
    return images, truth


def test_the_truth_achieves_everything_and_no_edit_nothing(example):
    images, truth = example
    perfect, nothing = achieved(truth, images, truth, images), achieved(images, images, truth, images)
    assert perfect.share.mean() == pytest.approx(1) and perfect.r2.tolist() == pytest.approx([1] * 600)
    assert nothing.share.tolist() == [0] * 600 and nothing.r2.mean() == pytest.approx(0)


def test_half_an_edit_and_twice_an_edit(example):
    """e = t e* has a share of t and an R^2 of 1 - (1 - t)^2: doing half misses as much as doing half too much."""
    images, truth = example
    change = truth.astype(int) - images
    for times, r2 in ((0.5, 0.75), (1.5, 0.75), (2, 0), (-1, -3)):
        made = images + times * change
        edit = achieved(made, images, truth, images)
        assert (edit.share.mean(), edit.r2.mean()) == pytest.approx((times, r2))


def test_what_else_changes_costs_r2_and_no_share(example):
    """A change of equal size in the half that was to stay: the share is blind to it, R^2 falls to 0."""
    images, truth = example
    change = truth.astype(int) - images
    edit = achieved(truth + change[:, :, ::-1], images, truth, images)
    assert (edit.share.mean(), edit.r2.mean()) == pytest.approx((1, 0))


def test_the_mean_over_images_is_the_ratio_of_sums(example):
    images, truth = example
    made = np.random.default_rng(1).integers(0, 255, images.shape)
    e, true = made - images.astype(float), truth.astype(float) - images
    edit = achieved(made, images, truth, images)
    assert edit.share.mean() == pytest.approx((e * true).sum() / (true**2).sum())
    assert edit.r2.mean() == pytest.approx(1 - ((e - true) ** 2).sum() / (true**2).sum())
    counted = np.arange(600) % 3 == 0
    some = achieved(made, images, truth, images, counted=counted)
    assert np.nanmean(some.r2) == pytest.approx(
        achieved(*(a[counted] for a in (made, images, truth, images))).r2.mean()
    )
    assert np.isnan(some.share[~counted]).all()
    ways = achieved(made, images, truth, images, values=counted)
    assert ways.r2[counted].tolist() == some.r2[counted].tolist(), "each direction by itself"


def test_a_base_of_its_own_forgives_a_lossy_reconstruction(example):
    """A method that darkens every image and edits perfectly: all of the edit from its own base, not from the input."""
    images, truth = example
    edit = achieved(truth - 9, images - 9, truth, images)
    assert (edit.share.mean(), edit.r2.mean()) == pytest.approx((1, 1))
    assert achieved(truth - 9, images, truth, images).r2.mean() < 0.95


def test_where_nothing_was_to_change_there_is_no_value(example):
    images, truth = example
    assert np.isnan(achieved(truth, images, images, images)).all()
    assert np.isnan(achieved(truth, images, truth, images, counted=np.zeros(600, dtype=bool))).all()
