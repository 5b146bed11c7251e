"""What the gallery shows of trainings: ablations that differ in their hops, sample grids over steps, curves."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from insm.reporting.frames import read_frames
from insm.reporting.translations import TaskImages
from insm.support.records import opened

POINTS = 150  # of a curve, at most


def hop_family(methods: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The largest set of variants whose settings differ in the number of hops alone, by that number.

    Args:
        methods: variant -> settings of its method, in the study's order.

    Returns:
        For each: hops, and its place among the variants; empty if there are not two.
    """
    families: dict[str, list[dict[str, Any]]] = {}
    for place, settings in enumerate(methods.values()):
        if hops := settings.get("mst", {}).get("hops"):
            rest = settings | {"mst": {name: value for name, value in settings["mst"].items() if name != "hops"}}
            families.setdefault(repr(sorted(rest.items())), []).append({"hops": hops, "variant": place})
    largest = max(families.values(), key=lambda family: len({row["hops"] for row in family}), default=[])
    by_hops = {row["hops"]: row for row in reversed(largest)}
    return [by_hops[hops] for hops in sorted(by_hops)] if len(by_hops) > 1 else []


def training_steps(results: str, images: TaskImages, variant: str) -> list[tuple[str, bytes]]:
    """(Step, sample grid as PNG) of a variant's first seed: a few of its training, then that of its end."""
    run = Path(results, "runs", images.task, variant, f"seed{images.seeds[variant]}")
    frames = [(f"step {step:,}", png) for step, png in read_frames(run / "frames.zip").items()]
    last = run / "samples.png"
    opened(last)
    return [*frames, *([("end", last.read_bytes())] if last.exists() else [])]


def curves(logs: dict[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """The columns of training logs as lines for a plot.

    Args:
        logs: label of each variant -> its log.

    Returns:
        For each column: its name, the range that holds 98 % of its values (an outlier would flatten all lines), and its
        lines: label, steps, values.
    """
    columns = dict.fromkeys(name for log in logs.values() for name in log.columns if name != "step")
    plots = []
    for column in columns:
        lines, values = [], []
        for label, log in logs.items():
            if column in log and log[column].notna().any():
                thin = log[["step", column]].dropna().iloc[:: max(1, len(log) // POINTS)]
                values.append(thin[column].to_numpy(dtype=float))
                lines.append({"label": label, "steps": thin.step.astype(int).tolist()})
                lines[-1]["values"] = [float(f"{value:.4g}") for value in values[-1]]
        if lines:
            low, high = np.quantile(np.concatenate(values), [0.01, 0.99])
            plots.append({"name": column.replace("_", " "), "low": float(low), "high": float(high), "lines": lines})
    return plots
