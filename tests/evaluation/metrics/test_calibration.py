"""Expected calibration error: cases where it is known."""

import numpy as np
import pytest
from scipy.special import logit

from insm.evaluation.metrics.calibration import calibration_error


def test_as_sure_as_right_is_no_error():
    """Answers of 80 % confidence, four of five right, whichever value they say."""
    sure = logit(0.8)
    logits, labels = np.array([sure] * 5 + [-sure] * 5), np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 1])
    assert calibration_error(logits, labels) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("share, expected", [(1, 0), (0.5, 0.5), (0, 1)])
def test_always_sure(share, expected):
    labels = np.arange(10) < 10 * share
    assert calibration_error(np.full(10, 50.0), labels) == pytest.approx(expected)


def test_bins_are_weighed_by_their_images():
    """Three images of confidence 0.6, all right (gap 0.4), and one of 0.9, wrong (gap 0.9)."""
    logits = np.array([logit(0.6)] * 3 + [logit(0.9)])
    assert calibration_error(logits, np.array([1, 1, 1, 0])) == pytest.approx((3 * 0.4 + 0.9) / 4)
