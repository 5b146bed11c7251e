"""How sure a number is: pure functions of outcomes per picture and seed."""

from typing import NamedTuple

import numpy as np
from scipy import stats

LEVEL = 0.95
DRAWS = 10_000


class Interval(NamedTuple):
    """A confidence interval."""

    low: float
    high: float


def wilson(hits: int, trials: int, level: float = LEVEL) -> Interval:
    """The interval of a share, from independent trials (Wilson, J. Am. Stat. Assoc. 1927)."""
    found = stats.binomtest(hits, trials).proportion_ci(level, method="wilson")
    return Interval(float(found.low), float(found.high))


def over_seeds(values: np.ndarray, level: float = LEVEL) -> Interval:
    """The interval of the mean over trainings, values [S], by Student's t; NaN for a single one."""
    if len(values) < 2:
        return Interval(np.nan, np.nan)
    reach = stats.sem(values) * stats.t.ppf((1 + level) / 2, len(values) - 1)
    return Interval(float(np.mean(values) - reach), float(np.mean(values) + reach))


class Resamples(NamedTuple):
    """How often each draw of a bootstrap takes every seed and picture."""

    seeds: np.ndarray  # [draws, S]
    pictures: np.ndarray  # [draws, N]

    @classmethod
    def draw(cls, seeds: int, pictures: int, rng: np.random.Generator, draws: int = DRAWS) -> "Resamples":
        """S seeds and N pictures with replacement, in every draw."""
        counts = (rng.multinomial(n, np.full(n, 1 / n), draws).astype(np.float64) for n in (seeds, pictures))
        return cls(*counts)


def bootstrap(outcomes: np.ndarray, resamples: Resamples, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """Percentile intervals of means over seeds and pictures (Efron & Tibshirani 1993; both ways: Owen, AoAS 2007).

    A draw takes a picture together with all of its K outcomes, so outcomes may depend on one another. Of paired
    differences this is the paired bootstrap.

    Args:
        outcomes: [S, N, K]; NaN where a picture has no outcome k, for all seeds alike; every k has some.
        resamples: of S seeds and N pictures.
        level: of the interval.

    Returns:
        Lower and upper ends, each [K].
    """
    known = ~np.isnan(outcomes[0])
    weights = resamples.seeds / len(outcomes)
    sums = sum(
        weights[:, s, None] * (resamples.pictures @ np.nan_to_num(of_seed)) for s, of_seed in enumerate(outcomes)
    )
    with np.errstate(invalid="ignore"):  # 0 / 0 where none of the drawn pictures has an outcome: no mean
        means = sums / (resamples.pictures @ known)
    quantile = np.nanquantile if np.isnan(means).any() else np.quantile  # much the quicker
    ends = quantile(means, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return ends[0], ends[1]


def effect_size(differences: np.ndarray) -> np.ndarray:
    """Cohen's d of paired differences [N, K] -> [K]: their mean in units of their standard deviation over pictures.

    Differences that are all equal give infinity, or 0 if they are 0; NaN does not count (Cohen 1988, section 2.3.5).
    """
    mean, deviation = np.nanmean(differences, axis=0), np.nanstd(differences, axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(mean == 0, 0.0, mean / deviation)
