"""Confidence intervals of a task's numbers, and the differences between its method variants."""

from functools import lru_cache
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from insm.evaluation.statistics import effect_size, interval, over_seeds, resamples, wilson
from insm.support.errors import UserError
from insm.support.records import opened

SEED = 0  # of the bootstrap: every row has the same draws of images, whatever else is in the study
KEYS = ["variant", "seed", "image", "attribute"]
NO_EDITS = ("real",)  # numbers of unedited images are not compared with edits
INTERVALS = ["variant", "metric", "scope", "value", "low", "high", "seed_low", "seed_high", "wilson_low", "wilson_high",
             "images", "seeds"]  # fmt: skip
DIFFERENCES = ["variant", "other", "metric", "scope", "difference", "low", "high", "effect", "images", "seeds"]
Columns = list[tuple[str, str]]  # metric, scope


def read_outcomes(path: Path) -> pd.DataFrame:
    """Outcomes of single edits, as `insm job evaluate` writes them: variant, seed, image, attribute, then metrics.

    Raises:
        UserError: the file is missing, no table, or has other bytes than its record says.
    """
    opened(path)
    try:
        return pd.read_parquet(path)
    except Exception as error:  # pyarrow raises many kinds for a broken file
        raise UserError(f"{path} is missing or no table ({type(error).__name__}): run `snakemake {path}`") from None


def intervals_of(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Every variant's means over images and seeds, with 95 % intervals; no row where nothing has a value per image.

    Columns: variant, metric, scope, value, then low, high (other images and, where there are several, other seeds:
    `statistics.interval`), seed_low, seed_high (seeds alone), wilson_low, wilson_high (images alone, of one
    attribute's accuracy, its mean over seeds), and the numbers of images and seeds.
    """
    columns, values = by_variant(outcomes)
    rows = [row for variant, table in values.items() for row in _intervals(variant, columns, table)]
    return pd.DataFrame(rows, columns=INTERVALS)


def differences_of(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The differences between all pairs of variants, paired by image and seed.

    Columns: variant, other, metric, scope, difference (variant minus other), low, high (95 %, as in `intervals_of`),
    effect (Cohen's d over images), images, seeds. Where the interval includes 0, the two are not significantly
    different.
    """
    columns, values = by_variant(outcomes)
    pairs = combinations([variant for variant in values if variant not in NO_EDITS], 2)
    rows = [row for a, b in pairs for row in _differences(a, b, columns, values[a] - values[b])]
    return pd.DataFrame(rows, columns=DIFFERENCES)


def by_variant(outcomes: pd.DataFrame) -> tuple[Columns, dict[str, np.ndarray]]:
    """Outcomes -> (metric, scope) of K columns, and by variant the values [S, N, K]: of each attribute, and their mean.

    An edit that a variant does not make or that does not count, or a metric that a variant lacks, is NaN; the mean is
    over the others. Reference rows have one "seed".
    """
    metrics = [name for name in outcomes if name not in KEYS]
    if not len(outcomes) or not metrics:
        return [], {}
    attributes = list(outcomes.attribute.cat.categories)
    scopes = ["mean", *attributes] if len(attributes) > 1 else attributes
    count = outcomes.image.max() + 1
    values = {}
    for variant, rows in outcomes.groupby("variant", sort=False, observed=True):
        seeds = rows.seed.astype("category").cat.remove_unused_categories()
        table = np.full((len(seeds.cat.categories), count, len(metrics), len(attributes)), np.nan)
        table[seeds.cat.codes, rows.image, :, rows.attribute.cat.codes] = rows[metrics]
        if len(attributes) > 1:
            table = np.concatenate([mean_of_known(table)[..., None], table], axis=3)
        values[str(variant)] = table.reshape(*table.shape[:2], -1)
    return [(metric, scope) for metric in metrics for scope in scopes], values


@lru_cache(maxsize=1)
def draws_of(images: int) -> np.ndarray:
    """The draws of the bootstrap, the same for all rows with so many images."""
    return resamples(images, np.random.default_rng(SEED))


def mean_of_known(table: np.ndarray) -> np.ndarray:
    """[..., A] -> means [...] that leave out NaN; NaN where there is nothing else."""
    known = ~np.isnan(table)
    count = known.sum(axis=-1)
    return np.divide(np.where(known, table, 0).sum(axis=-1), count, out=np.full(count.shape, np.nan), where=count > 0)


def _with_values(columns: Columns, values: np.ndarray) -> tuple[Columns, np.ndarray]:
    """Those of the columns, with their values [S, N, K], that any image has."""
    known = ~np.isnan(values[0]).all(axis=0)
    return [column for column, has_value in zip(columns, known, strict=True) if has_value], values[..., known]


def _intervals(variant: str, columns: Columns, values: np.ndarray) -> list[dict]:
    columns, values = _with_values(columns, values)
    if not columns:
        return []
    low, high = interval(values, draws_of(values.shape[1]))
    seed_low, seed_high = over_seeds(np.nanmean(values, axis=1))
    rows = []
    for k, (metric, scope) in enumerate(columns):
        edits = values[:, ~np.isnan(values[0, :, k]), k]  # [S, n]
        mean, count = edits.mean(), edits.shape[1]
        row = {"variant": variant, "metric": metric, "scope": scope, "value": mean, "low": low[k], "high": high[k]}
        row |= {"seed_low": seed_low[k], "seed_high": seed_high[k]}
        decisions = metric == "accuracy" and scope != "mean"  # edits of one image are not independent, nor are seeds
        wilson_low, wilson_high = wilson(round(mean * count), count) if decisions else (np.nan, np.nan)
        rows.append(row | {"wilson_low": wilson_low, "wilson_high": wilson_high, "images": count, "seeds": len(edits)})
    return rows


def _differences(variant: str, other: str, columns: Columns, gaps: np.ndarray) -> list[dict]:
    columns, gaps = _with_values(columns, gaps)
    if not columns:  # two variants that translate opposite ways
        return []
    low, high = interval(gaps, draws_of(gaps.shape[1]))
    effect = effect_size(gaps.mean(axis=0))
    return [
        {"variant": variant, "other": other, "metric": metric, "scope": scope, "difference": np.nanmean(gaps[..., k]),
         "low": low[k], "high": high[k], "effect": effect[k], "images": int((~np.isnan(gaps[0, :, k])).sum()),
         "seeds": len(gaps)}
        for k, (metric, scope) in enumerate(columns)
    ]  # fmt: skip
