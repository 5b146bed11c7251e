"""The figures of data cards: how frequent attributes are, how often they go together, and what they look like."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from insm.data.prepared_split import PreparedSplit
from insm.reporting.figures import use_style
from insm.support.files import atomic

COLUMNS = 10  # images in a row of samples
CELL = 0.68  # width of an image, inches


def label_columns(prepared: PreparedSplit) -> tuple[str, ...]:
    """The attributes of a prepared split: its uint8 columns."""
    return tuple(name for name in prepared.table if prepared.table[name].dtype == np.uint8)


def sample_rows(prepared: PreparedSplit, attributes: Sequence[str], both_values: bool = False) -> dict[str, np.ndarray]:
    """Caption -> the first rows [<= COLUMNS] that show it: images with each attribute.

    With `both_values`, and always for a single attribute, also images without it; partners stand above each other.
    """
    labels, single = prepared.labels(attributes), len(attributes) == 1
    samples: dict[str, np.ndarray] = {}
    for k, name in enumerate(attributes):
        with_it, without_it = (np.flatnonzero(labels[:, k] == value)[:COLUMNS] for value in (1, 0))
        if single and "pair" in prepared.table:
            without_it = prepared.table["pair"].to_numpy()[with_it]
        samples |= {f"{name} = 1": with_it, f"{name} = 0": without_it} if single or both_values else {name: with_it}
    return {caption: rows for caption, rows in samples.items() if len(rows)} or {
        "images": np.arange(len(prepared))[:COLUMNS]
    }


def draw_samples(figure: Figure | SubFigure, prepared: PreparedSplit, rows: dict[str, np.ndarray]) -> None:
    """One captioned strip of images for each row of samples."""
    axes = figure.subplots(len(rows), 1, squeeze=False)[:, 0]
    for axis, (name, chosen) in zip(axes, rows.items(), strict=True):
        gap = max(1, prepared.size // 24)
        strip = np.full((prepared.size, COLUMNS * (prepared.size + gap) - gap, 3), 255, dtype=np.uint8)
        for place, row in enumerate(chosen):
            left = place * (prepared.size + gap)
            strip[:, left : left + prepared.size] = prepared.images[row]
        axis.imshow(strip, interpolation="nearest" if prepared.size < 64 else "antialiased")
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
        axis.set_ylabel(name.replace("_", " "), rotation=0, ha="right", va="center", fontsize=8)


def draw_fractions(axis: Axes, splits: dict[str, PreparedSplit], attributes: Sequence[str]) -> None:
    """How many per cent of the images of each split have each attribute set."""
    height = 0.8 / len(splits)
    for k, (split, prepared) in enumerate(splits.items()):
        percent = 100 * prepared.labels(attributes).mean(axis=0)
        places = np.arange(len(attributes)) + (k - (len(splits) - 1) / 2) * height
        bars = axis.barh(places, percent, height, label=f"{split} ({len(prepared):,})")
        axis.bar_label(bars, [f"{value:.1f}" for value in percent], padding=2, fontsize=6)
    axis.set(xlim=(0, 112), xlabel="images with the attribute, %", xticks=range(0, 101, 25))
    axis.set_yticks(range(len(attributes)), [name.replace("_", " ") for name in attributes])
    axis.invert_yaxis()
    axis.grid(axis="y", visible=False)
    axis.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False)
    axis.set_ylim(len(attributes) - 0.45, -0.55 - 0.08 * len(attributes) - 0.15)


def draw_co_occurrence(axis: Axes, prepared: PreparedSplit, attributes: Sequence[str]) -> None:
    """Of the images with the row's attribute set, how many per cent have the column's."""
    labels = prepared.labels(attributes).astype(float)
    ones = labels.sum(axis=0)[:, None]
    percent = np.divide(100 * labels.T @ labels, ones, out=np.full((len(attributes),) * 2, np.nan), where=ones > 0)
    names = [name.replace("_", " ") for name in attributes]
    sns.heatmap(
        percent, ax=axis, cmap="Blues", vmin=0, vmax=100, annot=len(attributes) <= 16, fmt=".0f", cbar=False,
        annot_kws={"fontsize": 6}, xticklabels=names, yticklabels=names, linewidths=0.5, square=True,
    )  # fmt: skip
    axis.set_title("of the row's train images, % with the column's attribute", fontsize=8)
    axis.tick_params(axis="x", rotation=45)
    plt.setp(axis.get_xticklabels(), ha="right", rotation_mode="anchor")
    axis.tick_params(axis="y", rotation=0)


def card_figure(splits: dict[str, PreparedSplit], attributes: Sequence[str]) -> Figure:
    """How frequent attributes are (and how often they go together, where there are several) above training samples."""
    use_style()
    many, train = len(attributes) > 1, splits["train"]
    rows = sample_rows(train, attributes)
    top = max(1.1, 0.45 * len(attributes)) if many else 1.3
    bottom = CELL * len(rows)
    figure = plt.figure(figsize=(CELL * COLUMNS + 1.4, top + bottom + 0.2), constrained_layout=True)
    above, below = figure.subfigures(2, 1, height_ratios=(top, bottom), squeeze=False)[:, 0]
    left, *right = above.subplots(1, 2 if many else 1, squeeze=False)[0]
    draw_fractions(left, splits, attributes)
    if many:
        draw_co_occurrence(right[0], train, attributes)
    draw_samples(below, train, rows)
    return figure


def save_preview(prepared: PreparedSplit, path: Path) -> None:
    """Write a figure (.png) of samples alone: a row for each value of every attribute."""
    use_style()
    rows = sample_rows(prepared, label_columns(prepared), both_values=True)
    figure = plt.figure(figsize=(CELL * COLUMNS + 1.4, CELL * len(rows) + 0.1), constrained_layout=True)
    draw_samples(figure, prepared, rows)
    save(figure, path)


def save(figure: Figure, path: Path) -> None:
    """Write a PNG file without the writer's version: equal figures give equal bytes."""
    with atomic(path) as part:
        figure.savefig(part, format="png", metadata={"Software": None})
    plt.close(figure)
