"""Runs of a study that differ from one of them in a single setting, and their figures."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from insm.reporting.names import metric_style
from insm.reporting.names import settings as study_settings
from insm.reporting.names import variants as study_variants
from insm.reporting.tables import read_table
from insm.support.errors import UserError

Run = tuple[str, str]  # task, variant
PANELS = {
    "accuracy": False,
    "preservation": False,
    "counterfactual_l1": True,
}  # whether the no-edit baseline gets a line


def settings(results: str | Path, tasks: Sequence[str]) -> dict[Run, dict[str, Any]]:
    """What every run of a study's tasks trains with, by dotted key: its images, phi, and the settings of its first seed."""
    runs = {}
    for task in tasks:
        content = study_settings(results, task)
        shared = {"data": content["train"], "embedding": content["embedding"]}
        for variant in study_variants(results, task).variant:
            seeds = content["runs"][variant]
            first = seeds[min(seeds, key=int)]
            run = {key: value for key, value in first.items() if key not in ("task", "variant", "seed")}
            runs[task, variant] = flat(run | shared)
    return runs


def flat(content: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings -> {"method.mst.hops": 2, ...}."""
    values = {}
    for key, value in content.items():
        values |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return values


def variants_of(runs: dict[Run, dict[str, Any]], key: str, base: Run) -> dict[Run, Any]:
    """Run -> value of `key`, for the base and all runs that differ from it in nothing else; numbers in order.

    Raises:
        UserError: no such run, or it has no such setting.
    """
    if base not in runs or key not in runs[base]:
        raise UserError(f"the study has no run {'/'.join(base)} with a setting {key}")
    same = lambda run: {**runs[run], key: None} == {**runs[base], key: None}  # noqa: E731
    chosen = {run: runs[run][key] for run in runs if same(run)}
    if all(isinstance(value, (int, float)) for value in chosen.values()):
        return dict(sorted(chosen.items(), key=lambda item: item[1]))
    return dict(sorted(chosen.items(), key=lambda item: item[0] != base))


def numbers(results: str | Path, chosen: dict[Run, Any]) -> pd.DataFrame:
    """Means over edits with their 95 % intervals: task, variant, setting, metric, value, low, high.

    What `insm job compare` wrote; the rows of "no edit" come along, without a setting.
    """
    tables = []
    for task in dict.fromkeys(task for task, _ in chosen):
        table = read_table(Path(results, "tables", f"intervals-{task}.csv")).query("scope == 'mean'")
        values = {variant: str(value) for (name, variant), value in chosen.items() if name == task}
        table = table.assign(task=task, setting=table.variant.map(values))
        tables.append(table[table.setting.notna() | (table.variant == "no edit")])
    columns = ["task", "variant", "setting", "metric", "value", "low", "high"]
    return pd.concat(tables, ignore_index=True)[columns]


def sensitivity_figure(rows: pd.DataFrame, chosen: dict[Run, Any], base: Run, key: str) -> Figure:
    """A panel per metric, a mark with its 95 % interval per value of `key`; the base is filled. Dashed: no edit.

    Args:
        rows: what `numbers` returns.
        chosen: what `variants_of` returns.
    """
    colour = sns.color_palette("colorblind")[0]
    figure, axes = plt.subplots(1, len(PANELS), figsize=(2.3 * len(PANELS), 1.7), constrained_layout=True)
    for axis, (metric, baseline) in zip(axes, PANELS.items(), strict=True):
        style = metric_style(metric)
        known = rows[rows.metric == metric].set_index(["task", "variant"])
        for place, run in enumerate(chosen):
            row = known.loc[run]
            axis.plot([place] * 2, [row.low * style.unit, row.high * style.unit], color=colour, lw=1.2)
            axis.plot(place, row.value * style.unit, "o", color=colour, ms=5, mfc=colour if run == base else "white")
        if baseline:
            axis.axhline(known.loc[(base[0], "no edit"), "value"] * style.unit, color="0.4", lw=0.8, ls="--")
        axis.set_title(style.heading)
        axis.set_xticks(range(len(chosen)), [str(value) for value in chosen.values()])
        axis.margins(x=0.2, y=0.15)
    figure.supxlabel(key, fontsize=8)
    return figure
