"""Trials of settings on validation images, and the one of each method that docs/protocol.md takes."""

import pandas as pd

MEASURES = ("r2", "accuracy_possible", "counterfactual_l1", "composition")


def tuning(metrics: pd.DataFrame, choice: str) -> pd.DataFrame:
    """A row per trial: method, trial, its measures (means over attributes), and whether it is the chosen one.

    Args:
        metrics: numbers of the study of trials (`insm job tabulate`), whose variants are `<method>-<k>`.
        choice: the measure whose highest value wins, ties by the order of the trials.
    """
    rows = metrics[metrics.seed.notna() & (metrics.scope == "mean") & metrics.metric.isin(MEASURES)]
    table = rows.pivot_table(index="variant", columns="metric", values="value", sort=False)
    table = table[[name for name in MEASURES if name in table]].reset_index()
    parts = table["variant"].str.rpartition("-")
    table.insert(0, "method", parts[0])
    table.insert(1, "trial", parts[2].astype(int))
    table = table.drop(columns="variant").sort_values(["method", "trial"], ignore_index=True)
    best = table.groupby("method")[choice].idxmax()
    return table.assign(chosen=table.index.isin(best))
