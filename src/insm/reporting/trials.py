"""Trials of settings on validation images, and the one of each method that docs/protocol.md takes."""

from collections.abc import Mapping, Sequence, Sized
from pathlib import Path

import pandas as pd

from insm.reporting.names import metric_style
from insm.reporting.tables import read_table

MEASURES = ("r2", "accuracy_possible", "counterfactual_l1", "composition")


def tuning(metrics: pd.DataFrame, choice: str, trials: Mapping[str, Sized]) -> pd.DataFrame:
    """A row per finished trial: method, trial, its measures (means over attributes), and whether it is the chosen one.

    Args:
        metrics: numbers of the study of trials (`insm job tabulate`), whose variants are `<method>-<k>`.
        choice: the measure whose highest value wins, ties by the order of the trials.
        trials: all trials of each method; of a method with unfinished ones none is chosen.
    """
    rows = metrics[metrics.seed.notna() & (metrics.scope == "mean") & metrics.metric.isin(MEASURES)]
    table = rows.pivot_table(index="variant", columns="metric", values="value", sort=False)
    table = table[[name for name in MEASURES if name in table]].reset_index()
    parts = table["variant"].str.rpartition("-")
    table.insert(0, "method", parts[0])
    table.insert(1, "trial", parts[2].astype(int))
    table = table.drop(columns="variant").sort_values(["method", "trial"], ignore_index=True)
    complete = table.groupby("method").filter(lambda rows: len(rows) == len(trials[rows.name]))
    best = complete.groupby("method")[choice].idxmax()
    return table.assign(chosen=table.index.isin(best))


def tuning_markdown(path: str, trials: Mapping[str, Sequence[Mapping[str, float]]]) -> str:
    """What `tuning` wrote to a file, with the settings of each trial, as a table; and how many trials are to come."""
    table = read_table(Path(path))
    settings = [
        ", ".join(
            f"{key.removeprefix('optimiser.')} {value:g}" for key, value in trials[row.method][row.trial - 1].items()
        )
        for row in table.itertuples()
    ]
    shown = pd.DataFrame({"method": table.method, "settings": settings})
    for name in MEASURES:
        style = metric_style(name)
        shown[style.heading] = [style.write(value) for value in table[name]]
    shown["taken"] = table.chosen.map({True: "yes", False: ""})
    missing = sum(map(len, trials.values())) - len(table)
    rest = f"\n\n{missing} of {len(table) + missing} trials are not run yet." if missing else ""
    return shown.to_markdown(index=False, disable_numparse=True) + rest
