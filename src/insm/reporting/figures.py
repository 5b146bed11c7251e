"""How the notebooks draw: one style, intervals and image grids at a paper's size."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from insm.reporting.names import in_order, metric_style
from insm.support.files import atomic

WIDTH = 7.5  # inches of text on a page: no figure is wider
OUTLIER = 4.0  # an outlier makes an axis this many times as long as the others need


def use_style() -> None:
    """Set the shared figure style: colour-blind safe, sharp on screen, text readable at a paper's size.

    The font comes with matplotlib, so that a figure's bytes do not depend on the fonts of a machine.
    """
    sns.set_theme(context="paper", style="whitegrid", palette="colorblind", font="DejaVu Sans")
    plt.style.use("insm.reporting.paper")


def keep(figure: Figure, folder: str, name: str) -> Figure:
    """Write a figure to `<folder>/<name>.pdf` and `.png`, without a date, so that the same figure is the same bytes."""
    for ending, metadata in (("pdf", {"CreationDate": None}), ("png", None)):
        with atomic(Path(folder, f"{name}.{ending}")) as part:
            figure.savefig(part, format=ending, metadata=metadata)
    return figure


def against(differences: pd.DataFrame, variant: str) -> pd.DataFrame:
    """What `insm job compare` wrote of one variant's differences from all others, each as `variant` minus `other`."""
    ours, theirs = differences[differences.variant == variant], differences[differences.other == variant]
    turned = {"variant": theirs.other, "other": theirs.variant, "low": -theirs.high, "high": -theirs.low}
    turned |= {name: -theirs[name] for name in ("difference", "effect")}
    return pd.concat([ours, theirs.assign(**turned)]).sort_index()


def differences_figure(rows: pd.DataFrame, names: dict[str, str]) -> Figure | None:
    """Differences of one variant from others with their 95 % intervals, a panel per metric, a line per other variant.

    None if no difference is known.

    Args:
        rows: of one scope, as `against` returns them.
        names: variant -> its label, in the order of the lines; variants without one are left out. Intervals that
            include 0 are grey.
    """
    rows = rows[rows.other.isin(list(names))]
    if rows.empty:
        return None
    panels = in_order(rows.metric)
    others = [variant for variant in names if (rows.other == variant).any()]
    size = (min(1.4 + 1.9 * len(panels), WIDTH), 0.24 * len(others) + 0.9)
    figure, axes = plt.subplots(1, len(panels), figsize=size, sharey=True, squeeze=False, constrained_layout=True)
    for axis, metric in zip(axes[0], panels, strict=True):
        style = metric_style(metric)
        axis.axvline(0, color="0.3", lw=0.8)
        for row in rows[rows.metric == metric].itertuples():
            place, significant = others.index(row.other), row.low > 0 or row.high < 0
            colour = sns.color_palette("colorblind")[0] if significant else "0.6"
            axis.plot([row.low * style.unit, row.high * style.unit], [place] * 2, color=colour, lw=1.4)
            axis.plot(row.difference * style.unit, place, "o", color=colour, ms=4)
        axis.set_title(style.heading.replace(" %", ", points"))
        axis.locator_params(axis="x", nbins=3)
        ends = rows[rows.metric == metric].set_index("other")[["low", "high"]] * style.unit
        ends["none"] = 0.0  # the line of no difference stays in view
        zoom(axis, {names[name]: ends.loc[name] for name in others if name in ends.index}, "x")
    axes[0, 0].set_yticks(range(len(others)), [names[variant] for variant in others])
    axes[0, 0].set_ylim(len(others) - 0.5, -0.5)
    return figure


def outliers(values: dict[str, pd.Series]) -> list[str]:
    """Names of the values that alone make a common axis more than `OUTLIER` times as long, at most half of them."""
    ends = {name: (curve.min(), curve.max()) for name, curve in values.items()}
    found: list[str] = []

    def length(names: list[str]) -> float:
        return max(ends[name][1] for name in names) - min(ends[name][0] for name in names)

    while len(rest := [name for name in ends if name not in found]) > 2 and len(found) + 1 <= len(ends) // 2:
        lengths = {name: length([other for other in rest if other != name]) for name in rest}
        far = min(lengths, key=lambda name: lengths[name])
        if lengths[far] == 0 or length(rest) <= OUTLIER * lengths[far]:
            break
        found.append(far)
    return found


def zoom(axis: Axes, values: dict[str, pd.Series], direction: Literal["x", "y"]) -> None:
    """Let the axis show all values (name -> numbers on it) but outliers, which are named below its title."""
    if not (far := outliers(values)):
        return
    rest = [curve for name, curve in values.items() if name not in far]
    low, high = min(curve.min() for curve in rest), max(curve.max() for curve in rest)
    margin = 0.08 * (high - low)
    (axis.set_xlim if direction == "x" else axis.set_ylim)(low - margin, high + margin)
    axis.set_title(f"{axis.get_title()}\noff the axis: {', '.join(far)}", fontsize=7)


def image_grid(rows: Mapping[str, Sequence[np.ndarray]], columns: Sequence[str], cell: float = 0.62) -> Figure:
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
