"""Accuracy of edits against content kept: a point per variant, a curve over the weight of a method's content term."""

from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from insm.reporting.names import REFERENCES, labels, metric_style, variants
from insm.reporting.notebook_tables import numbers
from insm.reporting.sensitivity import settings

WEIGHTS = ("method.lambda_rec", "method.lambda_cyc")  # what ties an edit to its source, by method
KEPT = (
    "composition",
    "minimality",
    "counterfactual_l1",
)  # content lost, the first that was measured: smaller is better


def content_curves(results: str, task: str) -> dict[str, dict[str, float]]:
    """Variants that differ in the weight of their content term alone: first one -> variant -> weight, in order.

    Variants that are alone have a curve of one point.
    """
    curves: dict[str, dict[str, float]] = {}
    keys: dict[tuple, str] = {}
    for (_, variant), content in settings(results, [task]).items():
        key = next((name for name in WEIGHTS if name in content), "")
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
    place = lambda variant: _point(known, variant, accuracy, kept)  # noqa: E731
    for first, curve in content_curves(results, task).items():
        points = {variant: point for variant in curve if (point := place(variant)) is not None}
        if not points:
            continue
        x, y = zip(*points.values(), strict=True)
        colour = palette.get(methods[first], "0.4")
        axis.plot(x, y, "o-" if len(points) > 1 else "o", ms=4, lw=1, color=colour)
        for variant, point in points.items():
            axis.annotate(names[variant], point, xytext=(4, 3), textcoords="offset points", fontsize=6, color="0.3")
    for reference in REFERENCES:
        if (point := place(reference)) is not None:
            axis.plot(*point, "x", color="0.3", ms=5)
            axis.annotate(reference, point, xytext=(4, 3), textcoords="offset points", fontsize=6, color="0.3")
    lost = {"composition": "content lost without an edit: |x - G(x, a)|", "minimality": "change where none should be"}
    axis.set(xlabel=lost.get(kept, metric_style(kept).heading), ylabel=metric_style(accuracy).heading)
    axis.invert_xaxis()  # better is up and to the right
    return figure


def _point(known: pd.DataFrame, variant: str, accuracy: str, kept: str) -> tuple[float, float] | None:
    rows: Any = known[known.variant == variant].groupby("metric").value.mean()
    if accuracy not in rows or kept not in rows:
        return None
    return float(rows[kept] * metric_style(kept).unit), float(rows[accuracy] * metric_style(accuracy).unit)
