"""How the notebooks draw: one style, tables and image grids that look like a paper's."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from pandas.io.formats.style import Styler

from insm.reporting.names import NAMES, label
from insm.support.files import atomic

WIDTH = 7.5  # inches of text on a page: no figure is wider


def use_style() -> None:
    """Set the shared figure style: colour-blind safe, sharp on screen, text readable at a paper's size."""
    sns.set_theme(context="paper", style="whitegrid", palette="colorblind")
    plt.style.use("insm.reporting.paper")


def keep(figure: Figure, folder: str, name: str) -> Figure:
    """Write a figure to `<folder>/<name>.pdf` and `.png`, without a date, so that the same figure is the same bytes."""
    for ending, metadata in (("pdf", {"CreationDate": None}), ("png", None)):
        with atomic(Path(folder, f"{name}.{ending}")) as part:
            figure.savefig(part, format=ending, metadata=metadata)
    return figure


def first_seeds(folder: Path, prefix: str = "seed") -> dict[str, Path]:
    """Variant -> its file `<folder>/<variant>/<prefix><k>.npy` of the smallest seed k, in the order of `NAMES`."""
    files = {path: int(path.stem.removeprefix(prefix)) for path in folder.glob(f"*/{prefix}[0-9]*.npy")}
    first = {path.parent.name: path for path in sorted(files, key=files.get, reverse=True)}
    place = {name: k for k, name in enumerate(NAMES)}
    return {variant: first[variant] for variant in sorted(first, key=lambda variant: (place.get(variant, len(place)), variant))}


def row_names(table: pd.DataFrame) -> list[str]:
    """What stands before each row of a table that `insm table1` or `table2` wrote."""
    rows = zip(table.source, table.variant, table.intensity, strict=True)
    return [label(variant, intensity) if source == "study" else f"{variant}, paper" for source, variant, intensity in rows]


def rows_beside(
    table: pd.DataFrame, headings: dict[str, str | tuple[str, str]], winners: dict[str, str | None] | None = None
) -> Styler:
    """What `insm table1` or `table2` wrote, a block of rows per method: this study's, and the paper's in grey italics.

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


# Metric -> what a difference in it is called, and its unit.
GAINS = {
    "accuracy": ("accuracy, points", 100),
    "preservation": ("preservation, points", 100),
    "counterfactual_l1": ("L1 to truth", 1),
    "identity": ("identity distance", 1),
}


def against(differences: pd.DataFrame, variant: str) -> pd.DataFrame:
    """What `insm compare` wrote of one variant's differences from all others, each as `variant` minus `other`."""
    ours, theirs = differences[differences.variant == variant], differences[differences.other == variant]
    turned = {"variant": theirs.other, "other": theirs.variant, "low": -theirs.high, "high": -theirs.low}
    turned |= {name: -theirs[name] for name in ("difference", "effect")}
    return pd.concat([ours, theirs.assign(**turned)]).sort_index()


def differences_figure(rows: pd.DataFrame, names: dict[str, str]) -> Figure:
    """Differences of one variant from others with their 95 % intervals, a panel per metric, a line per other variant.

    Args:
        rows: of one scope, as `against` returns them.
        names: variant -> its label, in the order of the lines; variants without one are left out. Intervals that hold 0
            are grey.
    """
    rows = rows[rows.other.isin(names)]
    panels = [metric for metric in GAINS if (rows.metric == metric).any()]
    others = [variant for variant in names if (rows.other == variant).any()]
    size = (min(1.4 + 1.9 * len(panels), WIDTH), 0.24 * len(others) + 0.9)
    figure, axes = plt.subplots(1, len(panels), figsize=size, sharey=True, squeeze=False, constrained_layout=True)
    for axis, metric in zip(axes[0], panels, strict=True):
        title, unit = GAINS[metric]
        axis.axvline(0, color="0.3", lw=0.8)
        for row in rows[rows.metric == metric].itertuples():
            place, sure = others.index(row.other), row.low > 0 or row.high < 0
            colour = sns.color_palette("colorblind")[0] if sure else "0.6"
            axis.plot([row.low * unit, row.high * unit], [place] * 2, color=colour, lw=1.4)
            axis.plot(row.difference * unit, place, "o", color=colour, ms=4)
        axis.set_title(title)
        axis.locator_params(axis="x", nbins=4)
    axes[0, 0].set_yticks(range(len(others)), [names[variant] for variant in others])
    axes[0, 0].set_ylim(len(others) - 0.5, -0.5)
    return figure


def image_grid(rows: dict[str, Sequence[np.ndarray]], columns: Sequence[str], cell: float = 0.62) -> Figure:
    """Labelled rows of equal square images, uint8 [S, S, 3]; `cell` is an image's width in inches."""
    figure, axes = plt.subplots(
        len(rows),
        len(columns),
        figsize=(cell * len(columns), cell * len(rows)),
        squeeze=False,
        gridspec_kw={"wspace": 0.04, "hspace": 0.04, "left": 0, "right": 1, "bottom": 0, "top": 1},
    )
    for axis_row, (name, images) in zip(axes, rows.items(), strict=True):
        for axis, image in zip(axis_row, images, strict=True):
            axis.imshow(image, interpolation="nearest")
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set(linewidth=0.4, color="0.75")
        axis_row[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=7)
    for axis, name in zip(axes[0], columns, strict=True):
        axis.set_title(name, fontsize=7, pad=3)
    return figure


def curves(logs: dict[str, pd.DataFrame], columns: dict[str, str], smooth: int = 5) -> Figure:
    """One small plot per column of the training logs, a line per run; running means over `smooth` rows."""
    figure, axes = plt.subplots(
        1, len(columns), figsize=(min(2.3 * len(columns), WIDTH), 2.0), constrained_layout=True, squeeze=False
    )
    for axis, (column, title) in zip(axes[0], columns.items(), strict=True):
        for colour, (name, log) in zip(sns.color_palette("colorblind", len(logs)), logs.items(), strict=True):
            if column in log and log[column].notna().any():
                axis.plot(log.step, log[column].rolling(smooth, min_periods=1).mean(), label=name, lw=1, color=colour)
        axis.set(title=title, xlabel="step")
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=4, frameon=False, fontsize=7)
    return figure
