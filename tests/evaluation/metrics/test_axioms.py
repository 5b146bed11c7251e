"""The axioms of counterfactual images by hand."""

import numpy as np
import pytest

from insm.evaluation.metrics.axioms import composition, minimality, reversibility

IMAGES = np.random.default_rng(0).integers(30, 200, (5, 4, 4, 3), dtype=np.uint8)


def test_what_changes_nothing_and_what_is_undone_is_at_no_distance():
    assert composition(IMAGES, IMAGES).tolist() == reversibility(IMAGES, IMAGES).tolist() == [0] * 5
    assert composition(IMAGES, IMAGES + 51) == pytest.approx([0.2] * 5)
    assert reversibility(IMAGES, IMAGES - 25) == pytest.approx([25 / 255] * 5)


def test_minimality_looks_where_the_truth_changes_nothing():
    truth, edits = IMAGES.copy(), IMAGES.copy()
    truth[:, :2, :, 0] += 9  # the upper half, in one channel
    edits[:, :2] += 40  # changes there are free
    assert minimality(edits, truth, IMAGES).tolist() == [0] * 5
    edits[:, 3] += 51  # half of the lower half
    assert minimality(edits, truth, IMAGES) == pytest.approx([0.1] * 5)
    assert np.isnan(minimality(edits, IMAGES + 1, IMAGES)).all(), "everything was to change"
