"""Confidence intervals and effect sizes: pure functions of outcomes per image and seed."""

from typing import NamedTuple

import numpy as np
from scipy import stats

LEVEL = 0.95
DRAWS = 10_000
CHUNK = 2**24  # draws times images that are in memory at once, as numbers of eight bytes


class Interval(NamedTuple):
    """A confidence interval."""

    low: float
    high: float


def wilson(hits: int, trials: int, level: float = LEVEL) -> Interval:
    """The interval of a fraction, from independent trials (Wilson, J. Am. Stat. Assoc. 1927)."""
    ends = stats.binomtest(hits, trials).proportion_ci(level, method="wilson")
    return Interval(float(ends.low), float(ends.high))


def over_seeds(values: np.ndarray, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """The interval of the mean over trainings, values [S, ...], by Student's t -> ends [...]; NaN for a single one."""
    mean = np.mean(values, axis=0)
    if len(values) < 2:
        return np.full_like(mean, np.nan), np.full_like(mean, np.nan)
    half_width = stats.sem(values, axis=0) * stats.t.ppf((1 + level) / 2, len(values) - 1)
    return mean - half_width, mean + half_width


def resamples(images: int, rng: np.random.Generator, draws: int = DRAWS) -> np.ndarray:
    """How often each draw of a bootstrap takes every one of N images, integers [draws, N]: N with replacement."""
    chances = np.full(images, 1 / images)
    rows = max(1, CHUNK // images)
    parts = (rng.multinomial(images, chances, min(rows, draws - done)) for done in range(0, draws, rows))
    return np.concatenate([part.astype(np.uint8 if part.max() < 256 else np.uint32) for part in parts])


def over_images(values: np.ndarray, draws: np.ndarray, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """Percentile intervals of means over images by the bootstrap (Efron & Tibshirani 1993).

    A draw takes an image together with all of its K outcomes, so outcomes may depend on one another. Of paired
    differences this is the paired bootstrap.

    Args:
        values: [N, K]; NaN where an image has no outcome k; every k has some.
        draws: what `resamples` drew; some of them at a time are in memory as numbers of eight bytes.
        level: of the interval.

    Returns:
        Lower and upper ends, each [K].
    """
    known = ~np.isnan(values)
    sums, rows = np.nan_to_num(values), max(1, CHUNK // len(values))
    parts = []
    for start in range(0, len(draws), rows):
        counts = draws[start : start + rows].astype(np.float64)
        with np.errstate(invalid="ignore"):  # 0 / 0 where none of the drawn images has an outcome: no mean
            parts.append((counts @ sums) / (len(values) if known.all() else counts @ known.astype(np.float64)))
    means = np.concatenate(parts)
    quantile = np.nanquantile if np.isnan(means).any() else np.quantile  # much the quicker
    low, high = quantile(means, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high


def interval(outcomes: np.ndarray, draws: np.ndarray, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """Intervals of means over other test images and, where there are several, other trainings.

    What images and trainings add to the error is independent, so their half-widths add in squares: the bootstrap's over
    images, and Student's over seeds. Drawing three seeds with replacement instead would cover the true mean in three of
    four cases only.

    Args:
        outcomes: [S, N, K]; NaN where an image has no outcome k, for all seeds alike; every k has some.
        draws: what `resamples` drew of N images.
        level: of the interval.

    Returns:
        Lower and upper ends, each [K].
    """
    values = outcomes.mean(axis=0)
    mean, (low, high) = np.nanmean(values, axis=0), over_images(values, draws, level)
    if len(outcomes) == 1:
        return low, high
    half_width = mean - over_seeds(np.nanmean(outcomes, axis=1), level)[0]
    return mean - np.hypot(mean - low, half_width), mean + np.hypot(high - mean, half_width)


def effect_size(differences: np.ndarray) -> np.ndarray:
    """Cohen's d of paired differences [N, K] -> [K]: their mean in units of their standard deviation over images.

    Differences that are all equal give infinity, or 0 if they are 0; NaN does not count (Cohen 1988, section 2.3.5).
    """
    mean, deviation = np.nanmean(differences, axis=0), np.nanstd(differences, axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(mean == 0, 0.0, mean / deviation)
