"""Runs of a study that differ from one of them in a single setting, and their figures."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
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
# Setting -> what it decides. Other settings in which runs differ are shown under their key.
TITLES = {
    "method.mst.hops": "Number of hops (Eq. 9 and 10): 1 is ablation (d), 3 is (b)",
    "method.aiw.weight": "Form of the weight e^d (Eq. 7)",
    "method.aiw.clip": "Bound of the clipped weight: |d| at most",
    "method.delta_l.optimum": "Optimum of the distance gap in kappa: the printed 2r, or that of a regular simplex",
    "embedding.objective": "Embedding phi (Eq. 6): trained without labels, on the attributes, or not at all",
    "method.gan": "Generator's loss: -log D, or the printed log(1 - D)",
    "method.lambda_rec": "Weight of self-reconstruction, which the paper does not have: 0 is its objective",
    "method.update_order": "Which network is updated first; Algorithm 1 prints the generator",
    "method.mst.inter": "Intermediate labels of a chain: permuted, on the way to the target, or independent",
    "training.sampling": "Training images: rare labels more often, or every image once per epoch",
}
PANELS = {
    "accuracy": False,
    "preservation": False,
    "counterfactual_l1": True,
}  # whether the no-edit baseline gets a line


def settings(results: str | Path, tasks: Sequence[str]) -> dict[Run, dict[str, Any]]:
    """What every run of a study's tasks trains with, by dotted key: images, phi, and the settings of its first seed."""
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
    values: dict[str, Any] = {}
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


def full_run(results: str | Path, tasks: Sequence[str]) -> Run:
    """The run that others are compared with: the first task's row (c) of Table 3, else its first variant."""
    listed = study_variants(results, tasks[0])
    full = listed.variant[listed.paper_row == "c"]
    return tasks[0], (listed.variant if full.empty else full).iloc[0]


def choices(runs: dict[Run, dict[str, Any]], full: Run) -> dict[str, tuple[Run, dict[Run, Any]]]:
    """Setting -> base, and value by run, for every setting in which runs differ that share all others.

    The base is the full model, or if all of them differ from it in another setting too (the bound of a clipped weight),
    the run that differs from it least. Settings of `TITLES` come first.
    """
    found = {}
    keys = dict.fromkeys(key for run in runs.values() for key in run)
    for key in sorted(keys, key=[*TITLES, *keys].index):
        groups = [variants_of(runs, key, run) for run in runs if key in runs[run]]
        groups = sorted(
            (group for group in groups if len(group) > 1), key=lambda group: (full not in group, -len(group))
        )
        if groups:
            base = min(groups[0], key=lambda run: differing(runs[run], runs[full]))
            found[key] = (base, variants_of(runs, key, base))
    return found


def measured(results: str | Path, found: dict[str, tuple[Run, dict[Run, Any]]]) -> dict[str, pd.DataFrame]:
    """Setting -> what `numbers` returns of its runs (`choices`), for settings whose runs have numbers of every edit."""
    tables = {key: numbers(results, values) for key, (_, values) in found.items()}
    return {key: table for key, table in tables.items() if table.setting.nunique() == len(found[key][1])}


def operations(results: str | Path, runs: Sequence[Run], base: Run) -> list[float]:
    """Operations of the trainings of runs, as multiples of those of the base."""
    tables = {task: study_variants(results, task).set_index("variant").operations for task, _ in (*runs, base)}
    return [tables[task][variant] / tables[base[0]][base[1]] for task, variant in runs]


def differing(a: dict[str, Any], b: dict[str, Any]) -> int:
    """In how many settings two runs differ."""
    return sum(a.get(key) != b.get(key) for key in a.keys() | b.keys())


def most_influential(rows: dict[str, pd.DataFrame], bases: dict[str, Run], metric: str = "accuracy") -> pd.DataFrame:
    """By setting, the largest difference from its base in a metric: setting, base, value, difference, runs.

    Args:
        rows: setting -> what `numbers` returns of its runs.
        bases: setting -> the run that the others are compared with.
    """
    lines = []
    for key, table in rows.items():
        known = table[(table.metric == metric) & table.setting.notna()].set_index(["task", "variant"])
        others = known.drop(index=bases[key])
        gaps = (others.value - known.loc[bases[key], "value"]) * metric_style(metric).unit
        if gaps.notna().any():
            far = gaps.abs().idxmax()
            values = {"base": known.loc[bases[key], "setting"], "value": others.loc[far, "setting"]}
            lines.append({"setting": key} | values | {"difference, points": gaps[far], "runs": len(known)})
    columns = ["setting", "base", "value", "difference, points", "runs"]
    return pd.DataFrame(lines, columns=columns).sort_values("difference, points", key=abs, ascending=False)


def numbers(results: str | Path, chosen: dict[Run, Any]) -> pd.DataFrame:
    """Means over edits with their 95 % intervals: task, variant, setting, metric, value, low, high.

    What `insm job compare` wrote; the rows of "no edit" come along, without a setting.
    """
    tables = []
    for task in dict.fromkeys(task for task, _ in chosen):
        table = read_table(Path(results, "tables", f"intervals-{task}.csv"))
        table = table[(table.scope == "mean") | (table.scope.nunique() == 1)]  # a single attribute has no mean
        values = {variant: str(value) for (name, variant), value in chosen.items() if name == task}
        table = table.assign(task=task, setting=table.variant.map(values))
        tables.append(table[table.setting.notna() | (table.variant == "no edit")])
    columns = ["task", "variant", "setting", "metric", "value", "low", "high"]
    return pd.concat(tables, ignore_index=True)[columns]


def every_training(results: str | Path) -> pd.DataFrame:
    """Means over edits of every training: task, variant, seed, metric, value."""
    table = read_table(Path(results, "tables", "metrics.csv"))
    return table[table.seed.notna() & (table.scope == "mean")][["task", "variant", "seed", "metric", "value"]]


def sensitivity_figure(
    rows: pd.DataFrame, chosen: dict[Run, Any], base: Run, key: str, trainings: pd.DataFrame
) -> Figure:
    """A panel per metric, a mark with its 95 % interval per value of `key`; the base is filled. Dashed: no edit.

    Small dots are trainings, where there are several.

    Args:
        rows: what `numbers` returns.
        chosen: what `variants_of` returns.
        trainings: what `every_training` returns.
    """
    colour = sns.color_palette("colorblind")[0]
    panels = {metric: baseline for metric, baseline in PANELS.items() if (rows.metric == metric).any()}
    size = (2.3 * len(panels), 1.7)
    figure, axes = plt.subplots(1, len(panels), figsize=size, squeeze=False, constrained_layout=True)
    for axis, (metric, baseline) in zip(axes[0], panels.items(), strict=True):
        style = metric_style(metric)
        known = rows[rows.metric == metric].set_index(["task", "variant"])
        for place, run in enumerate(chosen):
            row = known.loc[run]
            axis.plot([place] * 2, [row.low * style.unit, row.high * style.unit], color=colour, lw=1.2)
            axis.plot(place, row.value * style.unit, "o", color=colour, ms=5, mfc=colour if run == base else "white")
            own = (trainings.task == run[0]) & (trainings.variant == run[1]) & (trainings.metric == metric)
            if len(each := trainings[own].value * style.unit) > 1:
                axis.plot(np.full(len(each), place + 0.12), each, "o", ms=2, alpha=0.6, mew=0, color=colour)
        if baseline:
            axis.axhline(known.loc[(base[0], "no edit"), "value"] * style.unit, color="0.4", lw=0.8, ls="--")
        axis.set_title(style.heading)
        axis.set_xticks(range(len(chosen)), [str(value) for value in chosen.values()])
        axis.margins(x=0.2, y=0.15)
    figure.supxlabel(key, fontsize=8)
    return figure
