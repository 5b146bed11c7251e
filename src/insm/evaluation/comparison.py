"""How sure the numbers of a task are, and the differences between its method variants."""

from functools import cache
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from insm.evaluation.statistics import effect_size, interval, over_seeds, resamples, wilson
from insm.support.errors import UserError

SEED = 0  # of the bootstrap: every row has the same draws of images, whatever else is in the study


KEYS = ["variant", "seed", "image", "attribute"]


NO_EDITS = ("real",)  # what is known of unedited images is not compared with edits


Columns = list[tuple[str, str]]


def read_outcomes(path: Path) -> pd.DataFrame:
    """Outcomes of single edits, as `insm job evaluate` writes them: variant, seed, image, attribute, then metrics.

    Raises:
        UserError: the file is missing or no table.
    """
    try:
        return pd.read_parquet(path)
    except Exception as error:  # pyarrow raises many kinds for a broken file
        raise UserError(f"{path} is missing or no table ({type(error).__name__}): run `snakemake {path}`") from None


def intervals_of(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Every variant's means over images and seeds, with their 95 % intervals.

    Columns: variant, metric, scope, value, then low, high (other images and, where there are several, other seeds:
    `statistics.interval`), seed_low, seed_high (seeds alone), wilson_low, wilson_high (images alone, of one
    attribute's accuracy, its mean over seeds), and the numbers of images and seeds.
    """
    columns, values = by_variant(outcomes)
    return pd.DataFrame([row for variant, known in values.items() for row in _intervals(variant, columns, known)])


def differences_of(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The differences between all pairs of variants, paired by image and seed.

    Columns: variant, other, metric, scope, difference (variant minus other), low, high (95 %, as in `intervals_of`),
    effect (Cohen's d over images), images, seeds. Where the interval includes 0, the two are not significantly
    different.
    """
    columns, values = by_variant(outcomes)
    pairs = combinations([variant for variant in values if variant not in NO_EDITS], 2)
    return pd.DataFrame([row for a, b in pairs for row in _differences(a, b, columns, values[a] - values[b])])


def by_variant(table: pd.DataFrame) -> tuple[Columns, dict[str, np.ndarray]]:
    """Outcomes -> (metric, scope) of K columns, and by variant the values [S, N, K]: of each attribute, and their mean.

    An image that a variant does not edit, or a metric that it does not have, is NaN. Reference rows have one "seed".
    """
    labels = list(table.attribute.cat.categories)
    metrics = [name for name in table if name not in KEYS]
    scopes = ["mean", *labels] if len(labels) > 1 else labels
    count = table.image.max() + 1
    values = {}
    for variant, rows in table.groupby("variant", sort=False, observed=True):
        seeds = rows.seed.astype("category").cat.remove_unused_categories()
        known = np.full((len(seeds.cat.categories), count, len(metrics), len(labels)), np.nan)
        known[seeds.cat.codes, rows.image, :, rows.attribute.cat.codes] = rows[metrics]
        if len(labels) > 1:
            known = np.concatenate([known.mean(axis=3, keepdims=True), known], axis=3)
        values[str(variant)] = known.reshape(*known.shape[:2], -1)
    return [(metric, scope) for metric in metrics for scope in scopes], values


@cache
def taken(images: int) -> np.ndarray:
    """The draws of all rows with so many images."""
    return resamples(images, np.random.default_rng(SEED))


def _known(columns: Columns, values: np.ndarray) -> tuple[Columns, np.ndarray]:
    """Those of the columns, with their values [S, N, K], that any image has."""
    here = ~np.isnan(values[0]).all(axis=0)
    return [column for column, known in zip(columns, here, strict=True) if known], values[..., here]


def _intervals(variant: str, columns: Columns, values: np.ndarray) -> list[dict]:
    columns, values = _known(columns, values)
    low, high = interval(values, taken(values.shape[1]))
    seed_low, seed_high = over_seeds(np.nanmean(values, axis=1))
    rows = []
    for k, (metric, scope) in enumerate(columns):
        known = values[:, ~np.isnan(values[0, :, k]), k]  # [S, n]
        row = {
            "variant": variant,
            "metric": metric,
            "scope": scope,
            "value": known.mean(),
            "low": low[k],
            "high": high[k],
        }
        row |= {"seed_low": seed_low[k], "seed_high": seed_high[k]}
        decisions = metric == "accuracy" and scope != "mean"  # edits of one image are not independent, nor are seeds
        hits = round(known.mean() * known.shape[1]) if decisions else 0
        row["wilson_low"], row["wilson_high"] = wilson(hits, known.shape[1]) if decisions else (np.nan, np.nan)
        rows.append(row | {"images": known.shape[1], "seeds": len(known)})
    return rows


def _differences(variant: str, other: str, columns: Columns, gaps: np.ndarray) -> list[dict]:
    columns, gaps = _known(columns, gaps)
    if not columns:  # two variants that translate opposite ways
        return []
    (low, high), effect = interval(gaps, taken(gaps.shape[1])), effect_size(gaps.mean(axis=0))
    return [
        {"variant": variant, "other": other, "metric": metric, "scope": scope, "difference": np.nanmean(gaps[..., k]),
         "low": low[k], "high": high[k], "effect": effect[k], "images": int((~np.isnan(gaps[0, :, k])).sum()),
         "seeds": len(gaps)}
        for k, (metric, scope) in enumerate(columns)
    ]  # fmt: skip
