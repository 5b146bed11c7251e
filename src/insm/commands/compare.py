"""`insm compare`: how sure a task's numbers are, and the differences between its entries."""

from functools import cache
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from insm.errors import UserError
from insm.statistics import effect_size, interval, over_seeds, resamples, wilson
from insm.tables import write_table

SEED = 0  # of the bootstrap: every row has the same draws of pictures, whatever else is in the study
KEYS = ["entry", "seed", "picture", "bit"]
NO_EDITS = ("real",)  # what is known of unedited pictures is not compared with edits


def compare(outcomes: Path, intervals: Path, differences: Path) -> None:
    """From OUTCOMES (.parquet) of single edits, as `insm evaluate` writes them, two tables (.csv).

    INTERVALS: entry, metric, scope, value, then 95 % intervals: low, high (other pictures and, where there are several,
    other seeds: `statistics.interval`), seed_low, seed_high (seeds alone), wilson_low, wilson_high (pictures alone, of
    one bit's accuracy, its mean over seeds), and the numbers of pictures and seeds.

    DIFFERENCES: entry, other, metric, scope, difference (entry minus other, paired by picture and seed), low, high (as
    above), effect (Cohen's d over pictures), pictures, seeds. An interval without 0 tells the two apart.
    """
    columns, values = by_entry(_read(outcomes))
    rows = [row for entry, known in values.items() for row in _intervals(entry, columns, known)]
    write_table(pd.DataFrame(rows), intervals, digits=6)
    pairs = combinations([entry for entry in values if entry not in NO_EDITS], 2)
    rows = [row for a, b in pairs for row in _differences(a, b, columns, values[a] - values[b])]
    write_table(pd.DataFrame(rows), differences, digits=6)


Columns = list[tuple[str, str]]


def by_entry(table: pd.DataFrame) -> tuple[Columns, dict[str, np.ndarray]]:
    """Outcomes -> (metric, scope) of K columns, and by entry the values [S, N, K]: of each bit, and their mean.

    A picture that an entry does not edit, or a metric that it does not have, is NaN. Reference rows have one "seed".
    """
    bits = list(table.bit.cat.categories)
    metrics = [name for name in table if name not in KEYS]
    scopes = ["mean", *bits] if len(bits) > 1 else bits
    count = table.picture.max() + 1
    values = {}
    for entry, rows in table.groupby("entry", sort=False, observed=True):
        seeds = rows.seed.astype("category").cat.remove_unused_categories()
        known = np.full((len(seeds.cat.categories), count, len(metrics), len(bits)), np.nan)
        known[seeds.cat.codes, rows.picture, :, rows.bit.cat.codes] = rows[metrics]
        if len(bits) > 1:
            known = np.concatenate([known.mean(axis=3, keepdims=True), known], axis=3)
        values[str(entry)] = known.reshape(*known.shape[:2], -1)
    return [(metric, scope) for metric in metrics for scope in scopes], values


@cache
def taken(pictures: int) -> np.ndarray:
    """The draws of all rows with so many pictures."""
    return resamples(pictures, np.random.default_rng(SEED))


def _known(columns: Columns, values: np.ndarray) -> tuple[Columns, np.ndarray]:
    """Those of the columns, with their values [S, N, K], that any picture has."""
    here = ~np.isnan(values[0]).all(axis=0)
    return [column for column, known in zip(columns, here, strict=True) if known], values[..., here]


def _intervals(entry: str, columns: Columns, values: np.ndarray) -> list[dict]:
    columns, values = _known(columns, values)
    low, high = interval(values, taken(values.shape[1]))
    seed_low, seed_high = over_seeds(np.nanmean(values, axis=1))
    rows = []
    for k, (metric, scope) in enumerate(columns):
        known = values[:, ~np.isnan(values[0, :, k]), k]  # [S, n]
        row = {"entry": entry, "metric": metric, "scope": scope, "value": known.mean(), "low": low[k], "high": high[k]}
        row |= {"seed_low": seed_low[k], "seed_high": seed_high[k]}
        decisions = metric == "accuracy" and scope != "mean"  # edits of one picture are not independent, nor are seeds
        hits = round(known.mean() * known.shape[1]) if decisions else 0
        row["wilson_low"], row["wilson_high"] = wilson(hits, known.shape[1]) if decisions else (np.nan, np.nan)
        rows.append(row | {"pictures": known.shape[1], "seeds": len(known)})
    return rows


def _differences(entry: str, other: str, columns: Columns, gaps: np.ndarray) -> list[dict]:
    columns, gaps = _known(columns, gaps)
    if not columns:  # two entries that translate opposite ways
        return []
    (low, high), effect = interval(gaps, taken(gaps.shape[1])), effect_size(gaps.mean(axis=0))
    return [
        {"entry": entry, "other": other, "metric": metric, "scope": scope, "difference": np.nanmean(gaps[..., k]),
         "low": low[k], "high": high[k], "effect": effect[k], "pictures": int((~np.isnan(gaps[0, :, k])).sum()),
         "seeds": len(gaps)}
        for k, (metric, scope) in enumerate(columns)
    ]  # fmt: skip


def _read(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except Exception as error:  # pyarrow raises many kinds for a broken file
        raise UserError(f"{path} is missing or no table ({type(error).__name__}): run `snakemake {path}`") from None
