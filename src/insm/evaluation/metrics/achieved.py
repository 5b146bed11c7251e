"""How much of the true edit a translation carries out, known because the truth is: docs/evaluation.md.

With e* = y - x, what the true edit y changes in the image x, and e, what the translation changes:

    achieved share        sum <e, e*> / sum |e*|^2          1: all of it, 0: none; blind to whatever else changes
    counterfactual R^2    1 - sum |e - e*|^2 / sum |e*|^2   1: all of it and nothing else, 0: like the unedited image

Sums are over the images in which one attribute gets one value (a beard put on, or taken off). The ratio of a single
image would mean little where an edit hardly shows, so an image's value is its part of the sum: the mean is the ratio.
"""

from typing import NamedTuple

import numpy as np

CHUNK = 256  # images in float64 at once


class Achieved(NamedTuple):
    """Both measures of one attribute's edits, [N] each; NaN where an edit does not count or nothing was to change."""

    share: np.ndarray
    r2: np.ndarray


def achieved(
    edits: np.ndarray,
    base: np.ndarray,
    truth: np.ndarray,
    images: np.ndarray,
    values: np.ndarray | None = None,
    counted: np.ndarray | None = None,
) -> Achieved:
    """The achieved share and the counterfactual R^2 of e = edits - base.

    Args:
        edits: translations to the target labels, uint8 [N, S, S, 3].
        base: what e starts from: the images themselves, or their translations to their own labels.
        truth: the true edits.
        images: those that were edited.
        values: of the edited attribute, to which it is set, [N]; the same in all images if not given.
        counted: which edits count, bool [N]; all if not given.
    """
    energy, along, missed = (np.empty(len(images)) for _ in range(3))
    for start in range(0, len(images), CHUNK):
        rows = slice(start, start + CHUNK)
        made, true = (
            a[rows].reshape(len(a[rows]), -1).astype(np.float64) - b[rows].reshape(len(b[rows]), -1)
            for a, b in ((edits, base), (truth, images))
        )
        energy[rows], along[rows] = (true**2).sum(axis=1), (made * true).sum(axis=1)
        missed[rows] = ((made - true) ** 2).sum(axis=1)
    share, r2 = (np.full(len(images), np.nan) for _ in range(2))
    known = np.ones(len(images), dtype=bool) if counted is None else counted
    for value in [None] if values is None else np.unique(values):
        edited = known if value is None else known & (values == value)
        total = energy[edited].mean() if edited.any() else 0.0
        if total > 0:
            share[edited], r2[edited] = along[edited] / total, 1 - missed[edited] / total
    return Achieved(share, r2)
