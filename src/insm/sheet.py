"""The figures of data cards: how frequent attributes are, how often they go together, and what they look like."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from insm.pack import Pack
from insm.plotting import use_style

COLUMNS = 10  # pictures in a row of samples
CELL = 0.68  # width of a picture, inches


def bits_of(pack: Pack) -> tuple[str, ...]:
    """The attributes of a pack: its uint8 columns."""
    return tuple(name for name in pack.table if pack.table[name].dtype == np.uint8)


def sample_rows(pack: Pack, attributes: Sequence[str]) -> dict[str, np.ndarray]:
    """Label -> the first rows [<= COLUMNS] that show it: each bit set, and the only bit of two domains also unset.

    Partners stand above each other.
    """
    labels, chosen = pack.labels(attributes), {}
    for k, name in enumerate(attributes):
        chosen[name] = np.flatnonzero(labels[:, k])[:COLUMNS]
    if len(attributes) == 1:
        zeros = np.flatnonzero(labels[:, 0] == 0)[:COLUMNS]
        pairs = pack.table["pair"].to_numpy()[chosen[attributes[0]]] if "pair" in pack.table else zeros
        chosen = {f"{attributes[0]} = 1": chosen[attributes[0]], f"{attributes[0]} = 0": pairs}
    return {name: rows for name, rows in chosen.items() if len(rows)} or {"pictures": np.arange(len(pack))[:COLUMNS]}


def draw_samples(figure: Figure | SubFigure, pack: Pack, attributes: Sequence[str]) -> None:
    """One labelled strip of pictures for each row of samples."""
    rows = sample_rows(pack, attributes)
    axes = figure.subplots(len(rows), 1, squeeze=False)[:, 0]
    for axis, (name, chosen) in zip(axes, rows.items(), strict=True):
        gap = max(1, pack.size // 24)
        strip = np.full((pack.size, COLUMNS * (pack.size + gap) - gap, 3), 255, dtype=np.uint8)
        for place, row in enumerate(chosen):
            left = place * (pack.size + gap)
            strip[:, left : left + pack.size] = pack.images[row]
        axis.imshow(strip, interpolation="nearest" if pack.size < 64 else "antialiased")
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
        axis.set_ylabel(name.replace("_", " "), rotation=0, ha="right", va="center", fontsize=8)


def draw_shares(axis: Axes, packs: dict[str, Pack], attributes: Sequence[str]) -> None:
    """How many per cent of the pictures of each split have each bit set."""
    height = 0.8 / len(packs)
    for k, (split, pack) in enumerate(packs.items()):
        share = 100 * pack.labels(attributes).mean(axis=0)
        places = np.arange(len(attributes)) + (k - (len(packs) - 1) / 2) * height
        bars = axis.barh(places, share, height, label=f"{split} ({len(pack):,})")
        axis.bar_label(bars, [f"{value:.1f}" for value in share], padding=2, fontsize=6)
    axis.set(xlim=(0, 112), xlabel="pictures with the attribute, %", xticks=range(0, 101, 25))
    axis.set_yticks(range(len(attributes)), [name.replace("_", " ") for name in attributes])
    axis.invert_yaxis()
    axis.grid(axis="y", visible=False)
    axis.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False)
    axis.set_ylim(len(attributes) - 0.45, -0.55 - 0.08 * len(attributes) - 0.15)


def draw_together(axis: Axes, pack: Pack, attributes: Sequence[str]) -> None:
    """Of the pictures with the row's bit set, how many per cent have the column's."""
    bits = pack.labels(attributes).astype(float)
    ones = bits.sum(axis=0)[:, None]
    share = np.divide(100 * bits.T @ bits, ones, out=np.full((len(attributes),) * 2, np.nan), where=ones > 0)
    names = [name.replace("_", " ") for name in attributes]
    sns.heatmap(
        share, ax=axis, cmap="Blues", vmin=0, vmax=100, annot=len(attributes) <= 16, fmt=".0f", cbar=False,
        annot_kws={"fontsize": 6}, xticklabels=names, yticklabels=names, linewidths=0.5, square=True,
    )  # fmt: skip
    axis.set_title("of the row's train pictures, % with the column's attribute", fontsize=8)
    axis.tick_params(axis="x", rotation=45)
    plt.setp(axis.get_xticklabels(), ha="right", rotation_mode="anchor")
    axis.tick_params(axis="y", rotation=0)


def card_figure(packs: dict[str, Pack], attributes: Sequence[str]) -> Figure:
    """Shares of the attributes (beside how often they go together, where there are several) above training samples."""
    use_style()
    many, train = len(attributes) > 1, packs["train"]
    top = max(1.1, 0.45 * len(attributes)) if many else 1.3
    bottom = CELL * len(sample_rows(train, attributes))
    figure = plt.figure(figsize=(CELL * COLUMNS + 1.4, top + bottom + 0.2), constrained_layout=True)
    above, below = figure.subfigures(2, 1, height_ratios=(top, bottom))
    left, *right = above.subplots(1, 2 if many else 1, squeeze=False)[0]
    draw_shares(left, packs, attributes)
    if many:
        draw_together(right[0], train, attributes)
    draw_samples(below, train, attributes)
    return figure


def sample_figure(pack: Pack, attributes: Sequence[str]) -> Figure:
    """Samples alone."""
    use_style()
    height = CELL * len(sample_rows(pack, attributes))
    figure = plt.figure(figsize=(CELL * COLUMNS + 1.4, height + 0.1), constrained_layout=True)
    draw_samples(figure, pack, attributes)
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a PNG file without the writer's version: equal figures give equal bytes."""
    figure.savefig(path, format="png", metadata={"Software": None})
    plt.close(figure)
