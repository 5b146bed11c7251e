"""How the notebooks draw: one style, tables and picture grids that look like a paper's."""

from collections.abc import Collection, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from pandas.io.formats.style import Styler

from insm.files import atomic

# Entry -> its name in tables and figures; figures draw the rows in this order.
NAMES = {
    "cyclegan": "CycleGAN",
    "pix2pix-photo": "Pix2pix, to photo",
    "pix2pix-edge": "Pix2pix, to edges",
    "stargan": "StarGAN",
    "stargan-paired": "StarGAN + pixel L1",
    "attgan": "AttGAN",
    "attgan-paired": "AttGAN + pixel L1",
    "stgan": "STGAN",
    "stgan-seasons": "STGAN",
    "relgan": "RelGAN",
    "init-e": "(e) plain cGAN",
    "init-e2": "(e) twice as long",
    "init-d": "(d) w/o MST",
    "init-a": "(a) w/o AIW",
    "init-b": "(b) 3 hops",
    "init-c-half": "(c) half as long",
    "init-c-rec05": "(c) lambda_rec 0.5",
    "init-c-rec05-half": "(c) lambda_rec 0.5, half as long",
    "init-c": "(c) INIT",
    "init-seasons": "INIT",
    "init-paired": "INIT + pixel L1",
    "literal": "(c) literal",
}
# Attribute -> what switching it off and on is called, where "no <name>" and its name would mislead.
WISHES = {
    "Smiling": ("not smiling", "smiling"),
    "Male": ("female", "male"),
    "No_Beard": ("beard", "no beard"),
    "Young": ("old", "young"),
}


WIDTH = 7.5  # inches of text on a page: no figure is wider


def use_style() -> None:
    """Set the shared figure style: colour-blind safe, sharp on screen, text readable at a paper's size."""
    sns.set_theme(context="paper", style="whitegrid", palette="colorblind")
    plt.style.use("insm.paper")


def keep(figure: Figure, folder: str, name: str) -> Figure:
    """Write a figure to `<folder>/<name>.pdf` and `.png`, without a date, so that the same figure is the same bytes."""
    for ending, metadata in (("pdf", {"CreationDate": None}), ("png", None)):
        with atomic(Path(folder, f"{name}.{ending}")) as part:
            figure.savefig(part, format=ending, metadata=metadata)
    return figure


def label(entry: str, intensity: float | None = None) -> str:
    """The name that tables and figures print for a method entry, with the factor on its edits if it has one."""
    name = NAMES.get(entry, entry)
    return name if pd.isna(intensity) else f"{name} ({intensity:g} x edits)"


def labels(results: str, task: str) -> dict[str, str]:
    """Entry -> its label, for every entry of a task in the folder of a study's results."""
    entries = _entries(results, task)
    return {entry: label(entry, intensity) for entry, intensity in zip(entries.entry, entries.intensity, strict=True)}


def leaders(results: str, task: str, methods: Collection[str] = ()) -> list[str]:
    """The first entry of each method in the study's order: the method itself, not its variants.

    Only those of the given modules of insm/methods if any are given.
    """
    first = _entries(results, task).drop_duplicates("method")
    return list(first.entry[first.method.isin(methods)] if methods else first.entry)


def _entries(results: str, task: str) -> pd.DataFrame:
    return pd.read_csv(Path(results, "config", task, "entries.csv"))


def wish(attribute: str, value: int) -> str:
    """What an edit asks for, in words: ("Male", 0) is "female", ("Black_Hair", 0) "no black hair"."""
    name = attribute.replace("_", " ").lower()
    return WISHES.get(attribute, (f"no {name}", name))[value]


def first_seeds(folder: Path, prefix: str = "seed") -> dict[str, Path]:
    """Entry -> its file `<folder>/<entry>/<prefix><k>.npy` of the smallest seed k, in the order of `NAMES`."""
    files = {path: int(path.stem.removeprefix(prefix)) for path in folder.glob(f"*/{prefix}[0-9]*.npy")}
    first = {path.parent.name: path for path in sorted(files, key=files.get, reverse=True)}
    place = {name: k for k, name in enumerate(NAMES)}
    return {entry: first[entry] for entry in sorted(first, key=lambda entry: (place.get(entry, len(place)), entry))}


def row_names(table: pd.DataFrame) -> list[str]:
    """What stands before each row of a table that `insm table1` or `table2` wrote."""
    rows = zip(table.source, table.entry, table.intensity, strict=True)
    return [label(entry, intensity) if source == "study" else f"{entry}, paper" for source, entry, intensity in rows]


def rows_beside(
    table: pd.DataFrame, headings: dict[str, str | tuple[str, str]], winners: dict[str, str | None] | None = None
) -> Styler:
    """What `insm table1` or `table2` wrote, a block of rows per method: this study's, and the paper's in grey italics.

    Columns are those of `headings`, under their heading, which may be of two lines. `winners` names the entry whose
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

    rows = zip(table.source, table.entry, names, strict=True)
    ours = {entry: name for source, entry, name in rows if source == "study"}
    bold = {column: ours.get(entry) for column, entry in (winners or {}).items()}
    return shown.style.apply(css, axis=1)


# Metric -> what a difference in it is called, and its unit.
GAINS = {
    "accuracy": ("accuracy, points", 100),
    "preservation": ("preservation, points", 100),
    "counterfactual_l1": ("L1 to truth", 1),
    "identity": ("identity distance", 1),
}


def against(differences: pd.DataFrame, entry: str) -> pd.DataFrame:
    """What `insm compare` wrote of one entry's differences from all others, each as `entry` minus `other`."""
    ours, theirs = differences[differences.entry == entry], differences[differences.other == entry]
    turned = {"entry": theirs.other, "other": theirs.entry, "low": -theirs.high, "high": -theirs.low}
    turned |= {name: -theirs[name] for name in ("difference", "effect")}
    return pd.concat([ours, theirs.assign(**turned)]).sort_index()


def differences_figure(rows: pd.DataFrame, names: dict[str, str]) -> Figure:
    """Differences of one entry from others with their 95 % intervals, a panel per metric, a line per other entry.

    Args:
        rows: of one scope, as `against` returns them.
        names: entry -> its label, in the order of the lines; entries without one are left out. Intervals that hold 0
            are grey.
    """
    rows = rows[rows.other.isin(names)]
    panels = [metric for metric in GAINS if (rows.metric == metric).any()]
    others = [entry for entry in names if (rows.other == entry).any()]
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
    axes[0, 0].set_yticks(range(len(others)), [names[entry] for entry in others])
    axes[0, 0].set_ylim(len(others) - 0.5, -0.5)
    return figure


def picture_grid(rows: dict[str, Sequence[np.ndarray]], columns: Sequence[str], cell: float = 0.62) -> Figure:
    """Labelled rows of equal square pictures, uint8 [S, S, 3]; `cell` is a picture's width in inches."""
    figure, axes = plt.subplots(
        len(rows),
        len(columns),
        figsize=(cell * len(columns), cell * len(rows)),
        squeeze=False,
        gridspec_kw={"wspace": 0.04, "hspace": 0.04, "left": 0, "right": 1, "bottom": 0, "top": 1},
    )
    for axis_row, (name, pictures) in zip(axes, rows.items(), strict=True):
        for axis, picture in zip(axis_row, pictures, strict=True):
            axis.imshow(picture, interpolation="nearest")
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
