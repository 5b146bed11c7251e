"""Curves of training logs: small plots side by side in which every variant keeps its colour."""

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from insm.reporting.figures import WIDTH, zoom

ACROSS = 4  # plots side by side
# Columns of log.csv (docs/training-log.md) -> titles.
WEIGHTS = {"kappa": "kappa", "weight_max": "largest weight", "effective_samples": "effective samples"}
DISTANCES = {"delta_l_n": "Delta l_n (permuted)", "delta_l_p": "Delta l_p (relative)"}
LOSSES = {
    "real": "D: real images",
    "fake": "D: fakes",
    "gp": "D: gradient penalty",
    "cls_real": "D: attributes of real images",
    "adv": "G: adversarial",
    "cls": "G: attributes",
    "rec": "G: reconstruction",
    "cyc": "G: cycle",
    "idt": "G: identity",
    "l1": "G: pixel L1",
}


def colours(names: dict[str, str]) -> dict[str, tuple[float, float, float]]:
    """Label of each variant (variant -> label) -> its colour, by its place in the study; the same in every panel."""
    palette = sns.color_palette("colorblind") if len(names) <= 10 else sns.color_palette("husl", len(names))
    return dict(zip(names.values(), palette, strict=False))


def loss_columns(logs: dict[str, pd.DataFrame]) -> dict[str, str]:
    """The loss terms that any run has logged -> their titles: known ones first, others by their own name."""
    columns = list(dict.fromkeys(column for log in logs.values() for column in log if column != "step"))
    losses = [name for name in columns if name not in WEIGHTS and name not in DISTANCES and name != "weight_mean"]
    return {name: LOSSES.get(name, name) for name in sorted(losses, key=[*LOSSES, *losses].index)}


def curves(
    logs: dict[str, pd.DataFrame],
    columns: dict[str, str],
    colour: dict[str, tuple[float, float, float]],
    smooth: int = 5,
) -> Figure | None:
    """One small plot per column of the training logs that any run has, a line per run; None if no run has any.

    Args:
        logs: label of a run -> its log.csv.
        columns: column of the logs -> title of its plot.
        colour: label -> colour, as `colours` returns them.
        smooth: rows of the running means.
    """
    shown = {column: title for column, title in columns.items() if any(has(log, column) for log in logs.values())}
    if not shown:
        return None
    across = min(len(shown), ACROSS)
    down = -(-len(shown) // across)
    size = (min(2.3 * across, WIDTH), 1.7 * down + 0.4)
    figure, axes = plt.subplots(down, across, figsize=size, constrained_layout=True, squeeze=False)
    lines = {}
    for axis, (column, title) in zip(axes.flat, shown.items(), strict=False):
        values = {}
        for name, log in logs.items():
            if has(log, column):
                values[name] = log[column].rolling(smooth, min_periods=1).mean()
                style = "o-" if log[column].count() < 3 else "-"  # a single point is no line
                (lines[name],) = axis.plot(log.step, values[name], style, lw=1, ms=3, color=colour[name])
        axis.set(title=title, xlabel="step")
        zoom(axis, values, "y")
    for axis in axes.flat[len(shown) :]:
        axis.remove()
    known = [name for name in logs if name in lines]
    figure.legend(
        [lines[name] for name in known], known, loc="outside lower center", ncols=4, frameon=False, fontsize=7
    )
    return figure


def has(log: pd.DataFrame, column: str) -> bool:
    """Whether a log has any value in a column."""
    return column in log and bool(log[column].notna().any())
