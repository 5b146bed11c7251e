"""The numbers of a study in a few lines."""

import pandas as pd

WHOLE = ("mean", "all")  # scopes of numbers that stand for all edits


def summary(metrics: pd.DataFrame) -> dict[str, dict[str, dict[str, float]]]:
    """task -> variant -> metric -> mean over the seeds; numbers of single attributes and domains are left out.

    Args:
        metrics: what `insm job tabulate` wrote: task, variant, seed, metric, scope, value.
    """
    whole = metrics[metrics.scope.isin(WHOLE)].dropna(subset="value")
    found: dict[str, dict[str, dict[str, float]]] = {}
    for (task, variant, metric), rows in whole.groupby(["task", "variant", "metric"], sort=False):
        found.setdefault(task, {}).setdefault(variant, {})[metric] = round(float(rows.value.mean()), 6)
    return found
