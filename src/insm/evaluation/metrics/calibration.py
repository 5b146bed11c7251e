"""Calibration: whether a classifier is as confident as it is right."""

import numpy as np
from scipy.special import expit

BINS = 15


def calibration_error(logits: np.ndarray, labels: np.ndarray) -> float:
    """Expected calibration error (Guo et al., ICML 2017) of one attribute's logits [N] with true values [N] in {0, 1}.

    The mean, over images, of |fraction of right answers - mean confidence| within 15 equal bins of confidence, which is
    the probability of the answer given and at least 1/2. 0 is best; a classifier that is always certain and guesses has
    1/2.
    """
    confidence = expit(np.abs(logits))
    right = (logits > 0) == labels.astype(bool)
    bins = np.minimum(((confidence - 0.5) * 2 * BINS).astype(int), BINS - 1)
    gaps = np.bincount(bins, right - confidence, minlength=BINS)
    return float(np.abs(gaps).sum() / len(logits))
