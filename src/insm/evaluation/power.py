"""How likely a comparison is to find a difference, before any training: docs/protocol.md chooses its seeds by it."""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from insm.evaluation.contrasts import Estimate, Term, combined


def planned(
    weights: Sequence[float], seeds: int, sd_seed: float, sd_image: float, images: int, sd_classifier: float,
    classifiers: int, pooled: bool = False,
) -> Estimate:  # fmt: skip
    """The standard error of a contrast between variants of so many seeds each, if the standard deviations are these.

    Args:
        weights: of the contrast, one a variant.
        seeds, images, classifiers: how many of each.
        sd_seed: of one variant's number over trainings.
        sd_image: of the contrast over images, averaged over trainings.
        sd_classifier: of the contrast over classifiers.
        pooled: as in `contrasts.contrast`.
    """
    parts = [weight**2 * sd_seed**2 / seeds for weight in weights]
    free = (seeds - 1) * (len(parts) if pooled else sum(parts) ** 2 / sum(part**2 for part in parts))
    terms = {"seeds": Term(sum(parts), free), "images": Term(sd_image**2 / images, images - 1)}
    if classifiers > 1:
        terms["classifiers"] = Term(sd_classifier**2 / classifiers, classifiers - 1)
    return combined(0.0, terms)


def power(estimate: Estimate, difference: float, level: float) -> float:
    """Probability that a two-sided test at `level` finds a true difference, on its own side (noncentral t)."""
    critical = stats.t.ppf(1 - level / 2, estimate.dof)
    return float(stats.nct.sf(critical, estimate.dof, difference / estimate.error))


def power_of_equivalence(estimate: Estimate, margin: float, level: float) -> float:
    """Probability that two one-sided tests at `level` find equivalence where there is no difference at all."""
    room = margin / estimate.error - stats.t.ppf(1 - level, estimate.dof)
    return float(max(0.0, 2 * stats.norm.cdf(room) - 1)) if np.isfinite(room) else 1.0
