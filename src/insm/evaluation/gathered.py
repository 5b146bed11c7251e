"""Numbers and outcomes of a task's runs: what rule `gather` puts together, and what contrasts need of it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from insm.support import records
from insm.support.errors import UserError

FINISHED = -1  # step of a finished model
REFERENCES = ("no edit", "ground truth", "real", "majority")
"""Rows of no method: the unedited input, the exact counterfactual, real test images, the more frequent value."""


def read_parquet(path: Path) -> pd.DataFrame:
    """A table of numbers or outcomes.

    Raises:
        UserError: the file is missing, no table, or has other bytes than its record says.
    """
    records.opened(path)
    try:
        return pd.read_parquet(path)
    except Exception as error:  # pyarrow raises many kinds for a broken file
        raise UserError(f"{path} is missing or no table ({type(error).__name__}): run `snakemake {path}`") from None


def gather_numbers(everything: pd.DataFrame) -> pd.DataFrame:
    """All numbers of a task -> those of finished models: variant, seed, metric, scope, value, samples.

    Values are means over classifiers and test splits, samples of one split.
    """
    keys = ["variant", "seed", "metric", "scope"]
    if "seed" not in everything:
        everything = everything.assign(seed="")
    finished = everything[everything.step == FINISHED].fillna({"seed": ""})
    return finished.groupby(keys, sort=False, as_index=False).agg(value=("value", "mean"), samples=("samples", "max"))


def check_alike(everything: pd.DataFrame) -> None:
    """Refuse numbers of runs of a task that were measured by different classifiers or on different splits.

    Raises:
        UserError: a metric of one run is known by other classifiers or on other splits than that of another run.
    """
    if "seed" not in everything:
        return
    rows = everything[(everything.step == FINISHED) & everything.seed.notna()]
    for metric, of_metric in rows.groupby("metric", sort=False):
        first = None
        for name, run in of_metric.groupby(["variant", "seed"], sort=False):
            known = set(zip(run.split, run.classifier, strict=True))
            first = first or (name, known)
            if known != first[1]:
                runs = " and ".join("/seed".join(map(str, each)) for each in (first[0], name))
                raise UserError(
                    f"{runs} were measured by different classifiers or on different splits ({metric}): measure all "
                    "runs of the task again, without outcomes that were kept before"
                )


def learning_curves(everything: pd.DataFrame) -> pd.DataFrame:
    """All numbers of a task -> those of its learning curves: variant, seed, step, metric, scope, value."""
    columns = ["variant", "seed", "step", "metric", "scope", "value"]
    if "seed" not in everything:
        return pd.DataFrame(columns=columns)
    rows = everything[(everything.step != FINISHED) & everything.seed.notna()]
    return rows.groupby(columns[:-1], sort=False, as_index=False).agg(value=("value", "mean"))


def gather_outcomes(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Outcomes with their variant and, of runs, their seed, below each other."""
    known = [table.assign(seed=table.get("seed", "")) for table in tables]
    together = pd.concat(known, ignore_index=True)
    head = ["variant", "seed"]
    together = together[[*head, *(name for name in together if name not in head)]]
    for name in ("variant", "seed", "split", "attribute"):
        if name in together:
            seen = tables[0][name].cat.categories if name == "attribute" else dict.fromkeys(together[name])
            together[name] = pd.Categorical(together[name], list(seen))
    return together


def values_of(outcomes: pd.DataFrame) -> dict[str, dict[str, np.ndarray]]:
    """Outcomes of a task's runs (variant, seed, split, image, metrics) -> variant -> metric -> values [S, K, N].

    S trainings, K classifiers (1 where a metric needs none), N images of all test splits: as `contrasts` wants it.
    Images without a value of a metric are left out of it.
    """
    metrics: dict[str, list[str]] = {}
    for column in outcomes.columns:
        if column not in ("variant", "seed", "split", "image"):
            metrics.setdefault(column.partition("@")[0], []).append(column)
    result: dict[str, dict[str, np.ndarray]] = {}
    for variant, rows in outcomes.groupby("variant", sort=False, observed=True):
        seeds = [table for _, table in rows.groupby("seed", sort=True, observed=True, dropna=False)]
        result[str(variant)] = {}
        for metric, columns in metrics.items():
            table = np.stack([one[columns].to_numpy(dtype=float).T for one in seeds])
            known = ~np.isnan(table).any(axis=(0, 1))
            if known.any():
                result[str(variant)][metric] = table[..., known]
    return result
