"""The 2 x 2 factorial of AIW and MST, rows (a), (c), (d), (e) of the paper's Table 3, and every training as a dot."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from insm.evaluation.contrasts import contrast
from insm.reporting.measured import Measured, of_metrics
from insm.reporting.names import metric_style, variants
from insm.reporting.notebook_tables import numbers
from insm.reporting.tables import read_table
from insm.reporting.wording import amount, span

# Row of Table 3 -> its sign in each effect: with AIW or without, with MST or without.
EFFECTS = {
    "AIW": {"c": 0.5, "d": 0.5, "a": -0.5, "e": -0.5},
    "MST": {"c": 0.5, "a": 0.5, "d": -0.5, "e": -0.5},
    "interaction": {"c": 0.5, "e": 0.5, "a": -0.5, "d": -0.5},
}
METRICS = ("accuracy_possible", "accuracy", "r2", "share", "preservation", "counterfactual_l1", "frechet")
SHOWN = ("accuracy_possible", "r2", "counterfactual_l1")  # of a figure; accuracy where possible edits are not known
HOPS = {"a": 1, "c": 1, "d": 0, "e": 0}


def cells(results: str, task: str) -> dict[str, str] | None:
    """Row a, c, d, e of Table 3 -> the study's variant; None if one is missing."""
    known = variants(results, task)
    rows = dict(zip(known.paper_row, known.variant, strict=True))
    return {row: rows[row] for row in HOPS} if set(HOPS) <= set(rows) else None


def effects(results: str, task: str) -> pd.DataFrame | None:
    """Main effects and interaction of every metric with 95 % intervals over trainings (pooled variance); None without.

    The intervals of `tables/evidence.csv` also know test images and classifiers.
    """
    rows = cells(results, task)
    if rows is None:
        return None
    measured, lines = Measured({}, of_metrics(numbers(results, task))), []
    for metric in METRICS:
        scope = "all" if metric == "frechet" else "mean"
        found = measured.of(metric, scope, dict.fromkeys(rows.values(), 1.0))
        if found is None or found[0] != metric:
            continue
        line = {"metric": metric_style(metric).heading.removesuffix(" %")}
        for name, weights in EFFECTS.items():
            estimate = contrast(found[1], {rows[row]: weight for row, weight in weights.items()}, pooled=True)
            line[name] = f"{amount(metric, estimate.value)} ({span(metric, *estimate.interval())})"
        lines.append(line)
    return pd.DataFrame(lines).set_index("metric").rename_axis(None) if lines else None


def factorial_figure(results: str, task: str) -> Figure | None:
    """One hop against two, a line with AIW and one without, a dot per training; None if a cell is missing."""
    rows, known = cells(results, task), numbers(results, task)
    panels = _panels(known)
    if rows is None or not panels:
        return None
    figure, axes = plt.subplots(1, len(panels), figsize=(2.4 * len(panels) + 0.3, 2.2), squeeze=False)
    for axis, metric in zip(axes[0], panels, strict=True):
        style = metric_style(metric)
        for label, pair, colour in (("with AIW", "dc", 0), ("without AIW", "ea", 1)):
            ink = sns.color_palette("colorblind")[colour]
            values = [_trainings(known, rows[row], metric) * style.unit for row in pair]
            axis.plot([0, 1], [np.mean(each) for each in values], "-", color=ink, label=label)
            for place, each in enumerate(values):
                axis.plot(np.full(len(each), place + 0.04 * (colour - 0.5)), each, "o", ms=3, alpha=0.6, color=ink)
        axis.set(title=style.heading, xticks=[0, 1], xticklabels=["one hop", "two hops"], xlim=(-0.3, 1.3))
    axes[0, 0].legend(frameon=False, fontsize=7)
    figure.tight_layout()
    return figure


def seeds_figure(results: str, task: str, names: dict[str, str]) -> Figure | None:
    """Every training of every variant as a dot, its mean as a line; None if no metric of images was measured."""
    known = numbers(results, task)
    panels, shown = _panels(known), [name for name in names if name in set(known.variant)]
    if not panels or not shown:
        return None
    size = (2.1 * len(panels) + 1.6, 0.24 * len(shown) + 0.8)
    figure, axes = plt.subplots(1, len(panels), figsize=size, sharey=True, squeeze=False, constrained_layout=True)
    ink = sns.color_palette("colorblind")[0]
    for axis, metric in zip(axes[0], panels, strict=True):
        style = metric_style(metric)
        for place, name in enumerate(shown):
            values = _trainings(known, name, metric) * style.unit
            axis.plot(values, np.full(len(values), place), "o", ms=3, alpha=0.6, color=ink)
            if len(values):
                axis.plot([np.mean(values)] * 2, [place - 0.3, place + 0.3], "-", color="0.2", lw=1.2)
        axis.set_title(style.heading)
    axes[0, 0].set_yticks(range(len(shown)), [names[name] for name in shown])
    axes[0, 0].set_ylim(len(shown) - 0.5, -0.5)
    return figure


def learning_curves(results: str, task: str, names: dict[str, str]) -> Figure | None:
    """Metrics on validation images over a training: the mean of all trainings, and each as a thin line.

    None if not measured.

    Only variants with the most trainings: those of a study's main comparison.
    """
    path = Path(results, "tables", f"curves-{task}.csv")
    if not path.exists():
        return None
    known = read_table(path)
    known = known[known.variant.isin(list(names)) & known.metric.isin(SHOWN)]
    trainings = known.groupby("variant").seed.transform("nunique")
    known = known[trainings == trainings.max()].astype({"step": float})
    known["part"] = 100 * known.step / known.groupby("variant").step.transform("max")
    panels = [metric for metric in SHOWN if metric in set(known.metric)]
    if not panels:
        return None
    figure, axes = plt.subplots(1, len(panels), figsize=(7.5, 2.6), squeeze=False, constrained_layout=True)
    for axis, metric in zip(axes[0], panels, strict=True):
        style = metric_style(metric)
        for name, label in names.items():
            rows = known[(known.metric == metric) & (known.variant == name)]
            if rows.empty:
                continue
            each = rows.pivot_table(index="part", columns="seed", values="value") * style.unit
            (line,) = axis.plot(each.index, each.mean(axis=1), "-", lw=1.2, label=label)
            if each.shape[1] > 1:
                axis.plot(each.index, each, "-", lw=0.5, alpha=0.3, color=line.get_color())
        axis.set(title=style.heading, xlabel="% of the training")
    figure.legend(
        *axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False, fontsize=7
    )
    return figure


def _panels(known: pd.DataFrame) -> list[str]:
    have = set(known.metric[(known.scope == "mean") & known.seed.notna()])
    return [metric for metric in (SHOWN if "accuracy_possible" in have else ("accuracy", *SHOWN[1:])) if metric in have]


def _trainings(known: pd.DataFrame, variant: str, metric: str) -> np.ndarray:
    rows = known[(known.variant == variant) & (known.metric == metric) & (known.scope == "mean")]
    return rows.value.to_numpy()
