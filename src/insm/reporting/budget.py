"""Runs of a study that differ in their length alone, and their figures."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from pandas.io.formats.style import Styler

from insm.reporting.beside_paper import by_edit
from insm.reporting.curves import colours
from insm.reporting.names import labels, metric_style
from insm.reporting.notebook_tables import numbers
from insm.reporting.sensitivity import settings
from insm.reporting.tables import read_table

LENGTH = ("method.updates_factor", "training.updates", "training.epochs", "training.budget")
PANELS = {"accuracy": "ground truth", "counterfactual_l1": "no edit"}  # metric -> the reference row that is dashed


def by_budget(results: str, task: str) -> pd.DataFrame:
    """Means over edits of every run: label (of the longest run that shares its settings), updates, seed, metric, value.

    The number of updates is the last step of the run's log.
    """
    names = labels(results, task)
    kept = {
        variant: str({key: value for key, value in run.items() if key not in LENGTH})
        for (_, variant), run in settings(results, [task]).items()
    }
    known = numbers(results, task)
    runs = known[known.seed.notna() & (known.scope == "mean")].astype({"seed": int})
    updates = {
        (variant, seed): read_table(Path(results, "runs", task, variant, f"seed{seed}", "log.csv")).step.iloc[-1]
        for variant, seed in dict.fromkeys(zip(runs.variant, runs.seed, strict=True))
    }
    runs = runs.assign(updates=[updates[key] for key in zip(runs.variant, runs.seed, strict=True)])
    longest = {
        group: max((name for name in kept if kept[name] == group), key=lambda name: max_updates(updates, name))
        for group in kept.values()
    }
    runs = runs.assign(label=[names[longest[kept[variant]]] for variant in runs.variant])
    return runs[["label", "variant", "updates", "seed", "metric", "value"]]


def max_updates(updates: dict[tuple[str, int], int], variant: str) -> int:
    """The updates of a variant's longest run."""
    return max((count for (name, _), count in updates.items() if name == variant), default=0)


def budget_figure(results: str, task: str, runs: pd.DataFrame) -> Figure | None:
    """A panel per metric of `PANELS` that was measured: a line per label over the updates, mean over seeds.

    None if neither was.
    """
    known = numbers(results, task)
    known = known[known.scope == "mean"].set_index(["variant", "metric"]).value
    panels = [metric for metric in PANELS if (runs.metric == metric).any()]
    if not panels:
        return None
    figure, axes = plt.subplots(
        1, len(panels), figsize=(3.3 * len(panels), 2.4), squeeze=False, constrained_layout=True
    )
    palette = colours({name: name for name in runs.label.unique()})
    for axis, metric in zip(axes[0], panels, strict=True):
        style = metric_style(metric)
        means = runs[runs.metric == metric].groupby(["label", "updates"], sort=False).value.mean() * style.unit
        for name in palette:
            axis.plot(means.loc[name].sort_index(), marker="o", ms=4, lw=1, label=name, color=palette[name])
        if (PANELS[metric], metric) in known.index:
            axis.axhline(known.loc[(PANELS[metric], metric)] * style.unit, ls="--", lw=0.8, color="grey")
        axis.set(title=style.heading, xlabel="updates", xlim=(0, None), ylim=(0, None))
    axes[0, 0].legend(frameon=False, fontsize=7, loc="lower right")
    return figure


def budget_table(results: str, task: str, runs: pd.DataFrame) -> Styler:
    """The same in numbers, with how many edits are nearer to the truth than the no-edit baseline."""
    metrics = ["accuracy", "preservation", "counterfactual_l1"]
    means = runs.pivot_table(index=["label", "updates"], columns="metric", values="value", sort=False)
    styles = {metric: metric_style(metric) for metric in metrics if metric in means}
    table = pd.DataFrame({style.heading: means[metric] * style.unit for metric, style in styles.items()})
    distance = by_edit(results, task, "counterfactual_l1")
    if len(distance):
        nearer = (distance < distance.loc["no edit"]).sum(axis=1)
        first = runs.drop_duplicates(["label", "updates"]).set_index(["label", "updates"]).variant
        table[f"edits nearer to the truth than no edit, of {distance.shape[1]}"] = first.map(nearer)
    return table.sort_index(level="updates").style.format({style.heading: style.format for style in styles.values()})
