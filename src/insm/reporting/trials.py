"""Trials of settings on validation images, and the one of each method that docs/protocol.md takes."""

from collections.abc import Mapping, Sequence, Sized
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from insm.reporting.names import metric_style
from insm.reporting.plane import WEIGHTS
from insm.reporting.tables import read_table

MEASURES = ("r2", "accuracy_possible", "counterfactual_l1", "composition", "minimality")
Trials = Mapping[str, Sequence[Mapping[str, float]]]


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


def tuning_figure(table: pd.DataFrame, trials: Trials) -> Figure:
    """Accuracy of edits against change where none should be: a panel per method, with all trials of the others in grey.

    Args:
        table: what `tuning` returns.
        trials: settings of the trials of each method; trials that differ in the weight of the content term are joined.
    """
    methods = list(dict.fromkeys(table.method))
    figure, axes = plt.subplots(1, len(methods), figsize=(2.4 * len(methods), 2.4), sharex=True, sharey=True,
                                squeeze=False, layout="constrained")  # fmt: skip
    shown = table.assign(accuracy=100 * table.accuracy_possible)
    for axis, method in zip(axes[0], methods, strict=True):
        axis.plot(shown.minimality, shown.accuracy, "o", color="0.85", ms=3)
        own, first = shown[shown.method == method].set_index("trial"), trials[method][0]
        changed = {k: {key: v for key, v in one.items() if v != first[key]} for k, one in enumerate(trials[method], 1)}
        weights = {k: trials[method][k - 1][key] for key in WEIGHTS if key in first for k in own.index
                   if changed[k].keys() <= {key}}  # fmt: skip
        curve = own.loc[sorted(weights, key=weights.__getitem__)]
        axis.plot(curve.minimality, curve.accuracy, "-", color="C0", lw=1)
        for k, row in own.iterrows():
            axis.plot(row.minimality, row.accuracy, "o", color="C0", ms=5, mfc="C0" if row.chosen else "white")
            axis.annotate(str(k), (row.minimality, row.accuracy), xytext=(4, 3), textcoords="offset points", fontsize=8)
        axis.set_title(method)
        axis.margins(0.15)
    axes[0, 0].invert_xaxis()  # better is up and to the right
    axes[0, 0].set_ylabel("accuracy of possible edits %")
    figure.supxlabel("change where none should be (minimality)", fontsize=8)
    return figure


def tuning_markdown(path: str, trials: Trials) -> str:
    """What `tuning` wrote to a file, with the settings of each trial, as a table; and how many trials are to come."""
    table = read_table(Path(path))
    settings = [
        ", ".join(
            f"{key.removeprefix('optimiser.')} {value:g}" for key, value in trials[row.method][row.trial - 1].items()
        )
        for row in table.itertuples()
    ]
    shown = pd.DataFrame({"method": table.method, "trial": table.trial, "settings": settings})
    for name in MEASURES:
        style = metric_style(name)
        shown[style.heading] = [style.write(value) for value in table[name]]
    shown["taken"] = table.chosen.map({True: "yes", False: ""})
    missing = sum(map(len, trials.values())) - len(table)
    rest = f"\n\n{missing} of {len(table) + missing} trials are not run yet." if missing else ""
    return shown.to_markdown(index=False, disable_numparse=True) + rest
