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

COLUMNS = 10  # images in a row of samples
CELL = 0.68  # width of an image, inches


def labels_of(prepared: PreparedSplit) -> tuple[str, ...]:
    """The attributes of a prepared split: its uint8 columns."""
    return tuple(name for name in prepared.table if prepared.table[name].dtype == np.uint8)


def sample_rows(prepared: PreparedSplit, attributes: Sequence[str]) -> dict[str, np.ndarray]:
    """Label -> the first rows [<= COLUMNS] that show it: each attribute set, and the only attribute of two domains also unset.

    Partners stand above each other.
    """
    labels, chosen = prepared.labels(attributes), {}
    for k, name in enumerate(attributes):
        chosen[name] = np.flatnonzero(labels[:, k])[:COLUMNS]
    if len(attributes) == 1:
        zeros = np.flatnonzero(labels[:, 0] == 0)[:COLUMNS]
        pairs = prepared.table["pair"].to_numpy()[chosen[attributes[0]]] if "pair" in prepared.table else zeros
        chosen = {f"{attributes[0]} = 1": chosen[attributes[0]], f"{attributes[0]} = 0": pairs}
    return {name: rows for name, rows in chosen.items() if len(rows)} or {"images": np.arange(len(prepared))[:COLUMNS]}


def draw_samples(figure: Figure | SubFigure, prepared: PreparedSplit, attributes: Sequence[str]) -> None:
    """One labelled strip of images for each row of samples."""
    rows = sample_rows(prepared, attributes)
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


def draw_shares(axis: Axes, splits: dict[str, PreparedSplit], attributes: Sequence[str]) -> None:
    """How many per cent of the images of each split have each attribute set."""
    height = 0.8 / len(splits)
    for k, (split, prepared) in enumerate(splits.items()):
        share = 100 * prepared.labels(attributes).mean(axis=0)
        places = np.arange(len(attributes)) + (k - (len(splits) - 1) / 2) * height
        bars = axis.barh(places, share, height, label=f"{split} ({len(prepared):,})")
        axis.bar_label(bars, [f"{value:.1f}" for value in share], padding=2, fontsize=6)
    axis.set(xlim=(0, 112), xlabel="images with the attribute, %", xticks=range(0, 101, 25))
    axis.set_yticks(range(len(attributes)), [name.replace("_", " ") for name in attributes])
    axis.invert_yaxis()
    axis.grid(axis="y", visible=False)
    axis.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False)
    axis.set_ylim(len(attributes) - 0.45, -0.55 - 0.08 * len(attributes) - 0.15)


def draw_together(axis: Axes, prepared: PreparedSplit, attributes: Sequence[str]) -> None:
    """Of the images with the row's attribute set, how many per cent have the column's."""
    labels = prepared.labels(attributes).astype(float)
    ones = labels.sum(axis=0)[:, None]
    share = np.divide(100 * labels.T @ labels, ones, out=np.full((len(attributes),) * 2, np.nan), where=ones > 0)
    names = [name.replace("_", " ") for name in attributes]
    sns.heatmap(
        share, ax=axis, cmap="Blues", vmin=0, vmax=100, annot=len(attributes) <= 16, fmt=".0f", cbar=False,
        annot_kws={"fontsize": 6}, xticklabels=names, yticklabels=names, linewidths=0.5, square=True,
    )  # fmt: skip
    axis.set_title("of the row's train images, % with the column's attribute", fontsize=8)
    axis.tick_params(axis="x", rotation=45)
    plt.setp(axis.get_xticklabels(), ha="right", rotation_mode="anchor")
    axis.tick_params(axis="y", rotation=0)


def card_figure(splits: dict[str, PreparedSplit], attributes: Sequence[str]) -> Figure:
    """Shares of the attributes (beside how often they go together, where there are several) above training samples."""
    use_style()
    many, train = len(attributes) > 1, splits["train"]
    top = max(1.1, 0.45 * len(attributes)) if many else 1.3
    bottom = CELL * len(sample_rows(train, attributes))
    figure = plt.figure(figsize=(CELL * COLUMNS + 1.4, top + bottom + 0.2), constrained_layout=True)
    above, below = figure.subfigures(2, 1, height_ratios=(top, bottom))
    left, *right = above.subplots(1, 2 if many else 1, squeeze=False)[0]
    draw_shares(left, splits, attributes)
    if many:
        draw_together(right[0], train, attributes)
    draw_samples(below, train, attributes)
    return figure


def sample_figure(prepared: PreparedSplit, attributes: Sequence[str]) -> Figure:
    """Samples alone."""
    use_style()
    height = CELL * len(sample_rows(prepared, attributes))
    figure = plt.figure(figsize=(CELL * COLUMNS + 1.4, height + 0.1), constrained_layout=True)
    draw_samples(figure, prepared, attributes)
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a PNG file without the writer's version: equal figures give equal bytes."""
    figure.savefig(path, format="png", metadata={"Software": None})
    plt.close(figure)
