"""How the notebooks draw: one style, tables and picture grids that look like a paper's."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

NAMES = {
    "init-a": "(a) w/o AIW",
    "init-b": "(b) 3 hops",
    "init-c": "(c) INIT",
    "init-d": "(d) w/o MST",
    "init-e": "(e) plain cGAN",
    "init-e2": "(e) twice as long",
    "literal": "(c) literal",
    "init-seasons": "INIT",
    "init-paired": "INIT + pixel L1",
    "stargan": "StarGAN",
    "stargan-masked": "StarGAN, masked",
    "stargan-paired": "StarGAN + pixel L1",
    "attgan": "AttGAN (2 x edits)",
    "attgan-paired": "AttGAN + pixel L1",
    "stgan": "STGAN (2 x edits)",
    "stgan-seasons": "STGAN",
    "init-c-half": "(c) half as long",
    "relgan": "RelGAN",
    "cyclegan": "CycleGAN",
    "pix2pix-photo": "Pix2pix, to photo",
    "pix2pix-edge": "Pix2pix, to edges",
}


def use_style() -> None:
    """Set the shared figure style: colour-blind safe, sharp on screen, text readable at a paper's size."""
    sns.set_theme(context="paper", style="whitegrid", palette="colorblind")
    plt.rcParams.update({"figure.dpi": 160, "savefig.bbox": "tight", "axes.titlesize": 9, "axes.labelsize": 8})


def label(entry: str) -> str:
    """The name that tables and figures print for a method entry."""
    return NAMES.get(entry, entry)


def picture_grid(rows: dict[str, Sequence[np.ndarray]], columns: Sequence[str], cell: float = 0.62) -> Figure:
    """Labelled rows of equal square pictures, uint8 [S, S, 3]; `cell` is a picture's width in inches."""
    figure, axes = plt.subplots(
        len(rows),
        len(columns),
        figsize=(cell * len(columns), cell * len(rows)),
        squeeze=False,
        gridspec_kw={"wspace": 0.04, "hspace": 0.04},
    )
    for axis_row, (name, pictures) in zip(axes, rows.items(), strict=True):
        for axis, picture in zip(axis_row, pictures, strict=True):
            axis.imshow(picture, interpolation="nearest")
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set_visible(False)
        axis_row[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=7)
    for axis, name in zip(axes[0], columns, strict=True):
        axis.set_title(name.replace("_", "\n", 1), fontsize=7, pad=3)
    return figure


def curves(logs: dict[str, pd.DataFrame], columns: dict[str, str], smooth: int = 5) -> Figure:
    """One small plot per column of the training logs, a line per run; running means over `smooth` rows."""
    figure, axes = plt.subplots(
        1, len(columns), figsize=(2.3 * len(columns), 2.0), constrained_layout=True, squeeze=False
    )
    for axis, (column, title) in zip(axes[0], columns.items(), strict=True):
        for colour, (name, log) in zip(sns.color_palette("colorblind", len(logs)), logs.items(), strict=True):
            if column in log and log[column].notna().any():
                axis.plot(log.step, log[column].rolling(smooth, min_periods=1).mean(), label=name, lw=1, color=colour)
        axis.set(title=title, xlabel="step")
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=4, frameon=False, fontsize=7)
    return figure
