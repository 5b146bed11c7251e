"""Contrasts between method variants, with every source of error in them: pure functions of values per training.

A contrast is a weighted sum of variants' means: c - a, or the main effect (c + d - a - e) / 2 of a 2 x 2 factorial. Its
error has a term for trainings, which differ between variants (so they are not paired), one for test images and one for
evaluation classifiers, which all variants share (so they are). The terms' degrees of freedom are combined as
Satterthwaite does (Biometrics Bulletin 1946); with trainings alone that is Welch's test (Biometrika 1947).

Three classifiers alone say little of how much another one would change a contrast, and an estimate that is too small by
chance would make many errors far out in the tails. So a term of few classifiers or test splits is what the interaction
of variants and classifiers over all variants (analysis of variance without replicates) lets expect, with its degrees of
freedom, or the contrast's own with its own few where that is larger: some variants may vary more than others.
docs/protocol.md says when a contrast decides a claim.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy import special

FEW = 30  # classifiers or sets of images: below, a contrast's own estimate is not enough


class Term(NamedTuple):
    """One source of error."""

    variance: float  # of the contrast
    dof: float  # degrees of freedom of that estimate


class Estimate(NamedTuple):
    """A contrast and how sure it is."""

    value: float
    error: float  # standard error; NaN where a variant has one training alone
    dof: float  # of the standard error
    terms: dict[str, Term]  # seeds, images, classifiers: those that are known

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Student's confidence interval."""
        half_width = self._quantile((1 + level) / 2) * self.error
        return self.value - half_width, self.value + half_width

    def p_above(self, bound: float = 0.0) -> float:
        """One-sided p-value of the contrast being above the bound: small where it clearly is. NaN without an error."""
        if self.error == 0:  # every training, image and classifier agrees
            return 0.0 if self.value > bound else 1.0
        return float(special.stdtr(self.dof, (bound - self.value) / self.error))

    def p_below(self, bound: float = 0.0) -> float:
        """One-sided p-value of the contrast being below the bound."""
        return self._replace(value=-self.value).p_above(-bound)

    def p_equivalent(self, margin: float) -> float:
        """The larger p-value of two one-sided tests of -margin < contrast < margin (Schuirmann 1987)."""
        return max(self.p_above(-margin), self.p_below(margin))

    def detectable(self, level: float, power: float) -> float:
        """The true contrast that a two-sided test at `level` finds with that power, at this standard error."""
        return (self._quantile(1 - level / 2) + self._quantile(power)) * self.error

    def _quantile(self, probability: float) -> float:
        return float(special.stdtrit(self.dof, probability) if np.isfinite(self.dof) else special.ndtri(probability))


def contrast(
    values: Mapping[str, np.ndarray], weights: Mapping[str, float], pooled: bool = False, untrained: Sequence[str] = ()
) -> Estimate:
    """Estimate a contrast.

    Args:
        values: by variant, numbers of S trainings as K classifiers see them on N images, [S, K, N]; K and N are the
            same for all, S need not be. Where a metric has a number for a whole set of images, N counts sets. Variants
            that the contrast leaves out add to what is known of the classifiers.
        weights: by variant.
        pooled: all variants have one variance over trainings, estimated from all of them (analysis of variance).
        untrained: variants that no training made, such as the unedited input: S = 1, and no term for seeds.
    """
    means = {name: values[name].mean(axis=(1, 2)) for name in weights}  # [S]
    shared = sum(weight * values[name].mean(axis=0) for name, weight in weights.items())  # [K, N]
    trained = [name for name in weights if name not in untrained]
    terms = {}
    if any(len(means[name]) < 2 for name in trained):
        terms["seeds"] = Term(float("nan"), float("nan"))
    elif trained:
        terms["seeds"] = _over_trainings({name: means[name] for name in trained}, weights, pooled)
    size = sum(weight**2 for weight in weights.values())
    for name, axis in (("images", 2), ("classifiers", 1)):
        numbers = shared.mean(axis=2 - axis)
        if len(numbers) > 1:
            own = Term(float(np.var(numbers, ddof=1) / len(numbers)), len(numbers) - 1)
            others = [each.mean(axis=(0, 3 - axis)) for variant, each in values.items() if variant not in untrained]
            terms[name] = _larger(own, interaction(others), size) if len(numbers) < FEW else own
    return combined(float(shared.mean()), terms)


def interaction(means: Sequence[np.ndarray]) -> Term:
    """The variance of what variants and classifiers (or sets) do to each other: means of V variants [K] each.

    A contrast of weights w has sum w^2 / K times as much. One variant has none: 0 with 0 degrees of freedom.
    """
    table = np.array([each for each in means if len(each) == len(means[0])]) if len(means) else np.zeros((0, 1))
    dof = (len(table) - 1) * (table.shape[1] - 1)
    if dof <= 0:
        return Term(0.0, 0)
    residual = table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()
    return Term(float((residual**2).sum() / dof), dof)


def _larger(own: Term, among: Term, size: float) -> Term:
    """The contrast's own variance, or what the interaction of all variants lets expect where that is more."""
    expected = among.variance * size / (own.dof + 1)
    return own if own.variance >= expected else Term(expected, among.dof)


def combined(value: float, terms: dict[str, Term]) -> Estimate:
    """A value with independent terms of error."""
    variance = sum(term.variance for term in terms.values())
    if not variance > 0:  # 0, or NaN
        return Estimate(value, float(np.sqrt(variance)) if terms else float("nan"), float("inf"), terms)
    dof = variance**2 / sum(term.variance**2 / term.dof for term in terms.values())
    return Estimate(value, float(np.sqrt(variance)), float(dof), terms)


def _over_trainings(means: Mapping[str, np.ndarray], weights: Mapping[str, float], pooled: bool) -> Term:
    variances = {name: np.var(numbers, ddof=1) for name, numbers in means.items()}
    free = {name: len(numbers) - 1 for name, numbers in means.items()}
    if pooled:
        total = sum(free.values())
        common = sum(free[name] * variances[name] for name in means) / total
        return Term(float(common * sum(weights[name] ** 2 / len(means[name]) for name in means)), total)
    parts = {name: float(weights[name] ** 2 * variances[name] / len(means[name])) for name in means}
    variance = sum(parts.values())
    squares = sum(part**2 / free[name] for name, part in parts.items())
    return Term(variance, variance**2 / squares if squares else float("inf"))


def of_images(values: np.ndarray) -> np.ndarray:
    """Values of edits [..., N, A], NaN where an edit does not count -> values of images [..., N].

    Their mean is the mean over attributes of each attribute's mean over images. An image's value is that mean plus
    what the image adds to it: its deviations from the attributes' means, those of rare edits weighted up. Images that
    have some edits only thus neither bias the mean nor its error. Attributes that count for no image are left out.
    """
    known = ~np.isnan(values)
    counts = known.sum(axis=-2, keepdims=True)  # [..., 1, A]
    sums = np.where(known, values, 0).sum(axis=-2, keepdims=True)
    means = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    share = np.divide(values.shape[-2], counts, out=np.zeros(sums.shape), where=counts > 0)
    deviations = np.where(known, (values - means) * share, 0).sum(axis=-1)
    attributes = (counts > 0).sum(axis=-1)  # [..., 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(counts > 0, means, 0).sum(axis=-1) / attributes + deviations / attributes


def holm(p: Sequence[float]) -> np.ndarray:
    """Adjusted p-values [K] of K tests (Holm, Scand. J. Stat. 1979): at most alpha where the family-wise error is.

    A test without a p-value (NaN) counts among the K and stays NaN.
    """
    raw = np.asarray(p, dtype=float)
    order = np.argsort(raw)  # NaN last
    scaled = np.minimum(raw[order] * np.arange(len(raw), 0, -1), 1)
    adjusted = np.empty_like(scaled)
    adjusted[order] = np.maximum.accumulate(scaled)
    return np.where(np.isnan(raw), np.nan, adjusted)
