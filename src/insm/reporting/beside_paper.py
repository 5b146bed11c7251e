"""The paper's tables beside a study's numbers, as notebooks print and draw them."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from pandas.io.formats.style import Styler

from insm.reporting.names import REFERENCES, label, labels, leaders, variants
from insm.reporting.notebook_tables import differences, numbers
from insm.reporting.tables import read_table, winner

# Prefix of a column of Table 2 -> heading, factor, format.
DIRECTIONS = {
    "frechet": ("Frechet (features)", 1, "{:.2f}"),
    "fid": ("FID (paper)", 1, "{:.2f}"),
    "rank": ("rank by distance, ours or the paper's", 1, "{:.0f}"),
    "kernel": ("kernel distance", 1, "{:z.4f}"),
    "error": ("kernel distance, standard error", 1, "{:z.4f}"),
    "accuracy": ("accuracy %", 100, "{:.1f}"),
    "l1": ("L1 to truth", 1, "{:.4f}"),
    "psnr": ("PSNR, dB", 1, "{:.2f}"),
    "ssim": ("SSIM", 1, "{:.3f}"),
}
ABLATIONS = {
    "accuracy": ("accuracy %", "{:.1f}"),
    "preservation": ("preservation %", "{:.1f}"),
    "frechet": ("Frechet (features)", "{:.2f}"),
    "counterfactual_l1": ("L1 to truth", "{:.4f}"),
    "seeds": ("seeds", "{:.0f}"),
    "paper_accuracy": ("paper: accuracy %", "{:.2f}"),
    "gap": ("accuracy minus paper", "{:+.1f}"),
    "paper_fid": ("paper: FID", "{:.2f}"),
}


def row_names(table: pd.DataFrame) -> list[str]:
    """What stands before each row of a table that `insm job table1` or `table2` wrote."""
    rows = zip(table.source, table.variant, table.label, table.intensity, strict=True)
    return [label(name, factor) if source == "study" else f"{variant}, paper" for source, variant, name, factor in rows]


def rows_beside(
    table: pd.DataFrame, headings: Mapping[str, str | tuple[str, str]], winners: dict[str, str | None] | None = None
) -> Styler:
    """What `insm job table1` or `table2` wrote, in the study's order, the paper's row below its method in grey italics.

    Columns are those of `headings`, under their heading, which may be of two lines. `winners` names the variant whose
    number of a column is in bold.
    """
    names = row_names(table)
    shown = table[list(headings)].set_axis(names)
    tuples = [heading if isinstance(heading, tuple) else (heading, "") for heading in headings.values()]
    shown.columns = pd.MultiIndex.from_tuples(tuples)
    paper = pd.Series((table.source == "paper").to_numpy(), index=names)
    first = pd.Series((table.method != table.method.shift()).to_numpy(), index=names)

    def css(row: pd.Series) -> list[str]:
        line = "border-top: 1px solid #bbb;" if first[row.name] else ""
        line += "color: #666; font-style: italic;" if paper[row.name] else ""
        return [line + "font-weight: bold" * (row.name == bold.get(column)) for column in headings]

    rows = zip(table.source, table.variant, names, strict=True)
    ours = {variant: name for source, variant, name in rows if source == "study"}
    bold = {column: ours.get(variant) for column, variant in (winners or {}).items()}
    return shown.style.apply(css, axis=1)


def read(results: str, number: int, task: str) -> pd.DataFrame:
    """What `insm job table<number>` wrote of a task."""
    return read_table(Path(results, "tables", f"table{number}-{task}.csv"))


def groups(table: pd.DataFrame) -> list[str]:
    """The columns of Table 1 that are percentages: the attribute groups, then their mean."""
    return list(table.columns[table.columns.get_loc("seeds") + 1 : table.columns.get_loc("mean") + 1])


def table1(results: str, task: str) -> Styler:
    """Table 1: accuracy by attribute group, in percent; the mean of the best method in bold, if one is the best."""
    table = read(results, 1, task)
    percent = groups(table)
    table[percent] *= 100
    paper = table[table.source == "paper"].set_index("method")["mean"]
    methods = leaders(results, task)  # ablations are no row of the paper's Table 1
    table["gap"] = (table["mean"] - table.method.map(paper)).where(table.variant.isin(methods))
    headings: dict[str, str | tuple[str, str]] = {name: f"{name.replace('_', ' ')} %" for name in percent}
    headings |= {"gap": "mean minus paper", "frechet": "Frechet (features)", "fid": "FID (paper)", "seeds": "seeds"}
    best = {"mean": winner(differences(results, task), methods, "accuracy")}
    styler = rows_beside(table, headings, best)
    return styler.format("{:.2f}", na_rep="-").format("{:.0f}", na_rep="-", subset=[("seeds", "")])


def table1_heatmap(results: str, task: str) -> Figure | None:
    """The same accuracies as colours; rows of the paper say so."""
    table = read(results, 1, task)
    shown = (table[groups(table)] * 100).set_axis(row_names(table)).dropna(how="all")
    return heatmap(shown.rename(columns=lambda name: name.replace("_", " ")), "accuracy (%)")


def heatmap(values: pd.DataFrame, title: str) -> Figure | None:
    """Percentages as numbers and colours; None if there are none."""
    if values.empty:
        return None
    figure, axis = plt.subplots(figsize=(min(7, 1.7 + 0.6 * values.shape[1]), 0.26 * len(values) + 0.8))
    options = {"annot": True, "fmt": ".0f", "vmin": 0, "vmax": 100, "cmap": "cividis", "annot_kws": {"size": 7}}
    sns.heatmap(values, ax=axis, cbar_kws={"label": title}, **options)
    plt.setp(axis.get_xticklabels(), rotation=30, ha="right")
    axis.set(xlabel="", ylabel="")
    return figure


def table2(results: str, task: str) -> Styler:
    """Table 2: both directions of a task, without reference rows that have no direction."""
    table, headings, formats = read(results, 2, task), {}, {}
    ours = (table.source == "study") & ~table.method.isin(REFERENCES)
    for domain in [name.removeprefix("fid_") for name in table if name.startswith("fid_")]:
        distance = table[f"fid_{domain}"]
        if f"frechet_{domain}" in table:
            distance = table[f"frechet_{domain}"].where(ours, distance)
        table[f"rank_{domain}"] = distance.where(ours | (table.source == "paper")).groupby(table.source).rank()
    for prefix, (heading, factor, form) in DIRECTIONS.items():
        for column in [name for name in table if name.startswith(f"{prefix}_")]:
            table[column] *= factor
            headings[column] = (heading, f"to {column.removeprefix(prefix + '_')}")
            formats[headings[column]] = form
    return rows_beside(table.dropna(how="all", subset=list(headings)), headings).format(formats, na_rep="-")


def ablations(results: str, task: str) -> dict[str, str]:
    """Variant -> label of the methods whose ablations the paper has, in the study's order."""
    known, names = variants(results, task), labels(results, task)
    methods = known.method[known.paper_row.notna()]
    return {variant: names[variant] for variant in known.variant[known.method.isin(methods)]}


def full_model(results: str, task: str) -> str | None:
    """The variant that stands for row (c) of Table 3, the full INIT; None if the study has none."""
    known = variants(results, task)
    rows = known.variant[known.paper_row == "c"]
    return None if rows.empty else rows.iloc[0]


def table3(results: str, task: str) -> Styler:
    """Table 3: the ablations and reference rows; a number is in bold if it is better than every other ablation's."""
    names = ablations(results, task)
    table = read(results, 3, task).set_index("variant")
    table["gap"] = table.accuracy - table.paper_accuracy
    percent = ["accuracy", "preservation", "paper_accuracy", "gap"]
    table[percent] *= 100
    rows = [name for name in (*names, *REFERENCES) if name in table.index]
    headings = {column: heading for column, (heading, _) in ABLATIONS.items()}
    shown = table.loc[rows, list(ABLATIONS)].rename(index=names, columns=headings).rename_axis(None)
    gaps = differences(results, task)
    best = {column: winner(gaps, list(names), column) for column in ("accuracy", "preservation")}
    best["counterfactual_l1"] = winner(gaps, list(names), "counterfactual_l1", lower=True)
    bold = {headings[column]: names.get(variant or "") for column, variant in best.items()}

    def css(column: pd.Series) -> list[str]:
        return ["font-weight: bold" * (name == bold.get(str(column.name), "")) for name in column.index]

    return shown.style.apply(css).format(dict(ABLATIONS.values()), na_rep="-")


def table3_figure(results: str, task: str) -> Figure:
    """The ablations of Table 3, ours beside the paper's: each panel has its own units, only orders compare."""
    table = read(results, 3, task).dropna(subset="paper_row").iloc[::-1]
    panels = {
        "accuracy": ("accuracy, ours (%)", 100),
        "paper_accuracy": ("accuracy, paper (%)", 100),
        "frechet": ("Frechet (features), ours", 1),
        "paper_fid": ("FID, paper", 1),
    }
    figure, axes = plt.subplots(1, 4, figsize=(7.5, 0.28 * len(table) + 0.7), sharey=True, constrained_layout=True)
    for axis, (column, (title, scale)) in zip(axes, panels.items(), strict=True):
        colour = sns.color_palette("colorblind")[1 if column.startswith("paper") else 0]
        axis.plot(table[column] * scale, table.label, "o", color=colour)
        axis.set_title(title)
        axis.margins(0.15)
    return figure


def by_edit(results: str, task: str, metric: str) -> pd.DataFrame:
    """A metric of single edits, mean over seeds: a row per variant or reference row, a column per attribute."""
    known = numbers(results, task)
    known = known[(known.metric == metric) & ~known.scope.str.contains("[:=]") & ~known.scope.isin(["mean", "all"])]
    return known.pivot_table(index="variant", columns="scope", values="value", sort=False)


def edits_figure(results: str, task: str, names: dict[str, str]) -> Figure | None:
    """Accuracy of each edit, and its distance to the truth in units of the no-edit baseline's, where it is known.

    None if neither was measured.
    """
    accuracy, distance = by_edit(results, task, "accuracy"), by_edit(results, task, "counterfactual_l1")
    rows = [variant for variant in names if variant in (accuracy if len(accuracy) else distance).index]
    panels = []
    if len(accuracy):
        panels.append(("accuracy of each edit (%)", accuracy.loc[rows] * 100, ".0f", (0, 100, "cividis")))
    if len(distance):
        relative = distance.loc[rows] / distance.loc["no edit"]
        panels.append(("L1 to truth / L1 of the no-edit baseline", relative, ".2f", (0, 2, "coolwarm")))
    if not panels:
        return None
    size = (7.5, len(panels) * (0.3 * len(rows) + 0.8))
    figure, axes = plt.subplots(len(panels), 1, figsize=size, sharex=True, squeeze=False, constrained_layout=True)
    for axis, (title, values, form, (low, high, colours)) in zip(axes[:, 0], panels, strict=True):
        shown = values.rename(index=names, columns=lambda name: name.replace("_", " "))
        sns.heatmap(shown, annot=True, fmt=form, annot_kws={"size": 7}, ax=axis, vmin=low, vmax=high, cmap=colours)
        axis.set(title=title, xlabel="", ylabel="")
    axes[-1, 0].tick_params(axis="x", rotation=30)
    return figure


def nearer_to_truth(results: str, task: str, names: dict[str, str]) -> pd.DataFrame:
    """How many edits are nearer to the truth on average than the unedited input, by variant."""
    distance = by_edit(results, task, "counterfactual_l1")
    rows = [variant for variant in names if variant in distance.index]
    better = (distance.loc[rows] < distance.loc["no edit"]).sum(axis=1) if rows else pd.Series(dtype=int)
    heading = "edits nearer to the truth than no edit"
    return pd.DataFrame({heading: better, "of": distance.shape[1]}).rename(index=names).rename_axis(None)


def by_group(results: str, task: str, names: dict[str, str]) -> pd.DataFrame:
    """Accuracy of the groups of Table 1 in percent: a row per variant of `names`, reference rows last."""
    known = numbers(results, task)
    known = known[(known.metric == "accuracy") & known.scope.str.startswith("group:")]
    known = known.assign(group=known.scope.str.removeprefix("group:"))
    wide = known.pivot_table(index="variant", columns="group", values="value", sort=False).mul(100)
    rows = [name for name in (*names, *REFERENCES) if name in wide.index]
    return wide.loc[rows].rename(index=names)
