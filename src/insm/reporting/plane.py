"""Accuracy of edits against content kept: a point per variant, a curve over the weight of a method's content term.

Small dots are single trainings.
"""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from insm.reporting.names import REFERENCES, labels, metric_style, variants
from insm.reporting.notebook_tables import numbers
from insm.reporting.sensitivity import settings

FONT, WIDTH, HEIGHT, GAP = 6, 3.3, 7.5, 4
"""Of names in the figure, in points: size, mean width of a letter, height of a line, distance from the dot."""

WEIGHTS = ("lambda_rec", "lambda_cyc")  # keys of methods: what ties an edit to its source
KEPT = ("minimality", "composition", "counterfactual_l1")
"""Content lost, the first that was measured: smaller is better. Composition does not see how strong an edit is."""


def content_curves(results: str, task: str) -> dict[str, dict[str, float]]:
    """Variants that differ in the weight of their content term alone: first one -> variant -> weight, in order.

    Variants that are alone have a curve of one point.
    """
    curves: dict[str, dict[str, float]] = {}
    keys: dict[tuple, str] = {}
    for (_, variant), content in settings(results, [task]).items():
        key = next((name for key in WEIGHTS if (name := f"method.{key}") in content), "")
        rest = tuple(sorted((name, str(value)) for name, value in content.items() if name != key and not _own(name)))
        first = keys.setdefault(rest, variant)
        curves.setdefault(first, {})[variant] = float(content.get(key, 0))
    return {first: dict(sorted(curve.items(), key=lambda item: item[1])) for first, curve in curves.items()}


def _own(name: str) -> bool:
    return name in ("variant", "seed", "label")


def plane(results: str, task: str) -> Figure | None:
    """The figure; None if accuracy or a measure of content is missing."""
    known = numbers(results, task)
    known = known[known.scope == "mean"]
    have = set(known.metric)
    accuracy = next((name for name in ("accuracy_possible", "accuracy") if name in have), None)
    kept = next((name for name in KEPT if name in have), None)
    if accuracy is None or kept is None:
        return None
    names, methods = labels(results, task), dict(variants(results, task)[["variant", "method"]].to_numpy())
    palette = dict(zip(dict.fromkeys(methods.values()), sns.color_palette("colorblind"), strict=False))
    figure, axis = plt.subplots(figsize=(5.5, 4.0), constrained_layout=True)
    named: dict[str, tuple[float, float]] = {}
    place = lambda variant: _point(known, variant, accuracy, kept)  # noqa: E731
    for first, curve in content_curves(results, task).items():
        points = {variant: point for variant in curve if (point := place(variant)) is not None}
        if not points:
            continue
        x, y = zip(*points.values(), strict=True)
        colour = palette.get(methods[first], "0.4")
        axis.plot(x, y, "o-" if len(points) > 1 else "o", ms=4, lw=1, color=colour)
        for variant in points:
            if len(each := _trainings(known, variant, accuracy, kept)) > 1:
                axis.plot(*each.T, "o", ms=2, alpha=0.5, mew=0, color=colour)
        named |= {names[variant]: point for variant, point in points.items()}
    for reference in REFERENCES:  # the unedited input has an accuracy of nearly 0, which would flatten all else
        if reference != "no edit" and (point := place(reference)) is not None:
            axis.plot(*point, "x", color="0.3", ms=5)
            named[reference] = point
    lost = {"composition": "content lost without an edit: |x - G(x, a)|", "minimality": "change where none should be"}
    axis.set(xlabel=lost.get(kept, metric_style(kept).heading), ylabel=metric_style(accuracy).heading)
    axis.invert_xaxis()  # better is up and to the right
    figure.draw_without_rendering()  # the layout decides where points are
    _name(axis, named, figure.dpi)
    return figure


def _name(axis: Axes, named: dict[str, tuple[float, float]], dpi: float) -> None:
    """Names beside points, to the left near the right edge, and moved up where they would cover one another."""
    places = {name: axis.transData.transform(point) * 72 / dpi for name, point in named.items()}
    edge = axis.get_window_extent().x1 * 72 / dpi
    taken: list[tuple[float, float, float]] = []  # left, right, bottom of names, in points
    for name, (x, y) in sorted(places.items(), key=lambda item: float(item[1][1])):
        width = WIDTH * len(name)
        left = x + GAP if x + GAP + width < edge else x - GAP - width
        bottom = y + 3
        while any(left < end and start < left + width and abs(bottom - other) < HEIGHT for start, end, other in taken):
            bottom += 1
        taken.append((left, left + width, bottom))
        axis.annotate(
            name, named[name], xytext=(left - x if left > x else -GAP, bottom - y), textcoords="offset points",
            ha="left" if left > x else "right", fontsize=FONT, color="0.3",
            arrowprops={"arrowstyle": "-", "lw": 0.3, "color": "0.6", "shrinkA": 0, "shrinkB": 2},
        )  # fmt: skip


def _trainings(known: pd.DataFrame, variant: str, accuracy: str, kept: str) -> np.ndarray:
    """(Content lost, accuracy) of every training of a variant [S, 2]."""
    wide = known[known.variant == variant].pivot_table(index="seed", columns="metric", values="value")
    return wide[[kept, accuracy]].dropna().to_numpy() * [metric_style(kept).unit, metric_style(accuracy).unit]


def _point(known: pd.DataFrame, variant: str, accuracy: str, kept: str) -> tuple[float, float] | None:
    rows: Any = known[known.variant == variant].groupby("metric").value.mean()
    if accuracy not in rows or kept not in rows:
        return None
    return float(rows[kept] * metric_style(kept).unit), float(rows[accuracy] * metric_style(accuracy).unit)
