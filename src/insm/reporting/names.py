"""What tables and figures call method variants, edits and metrics, and in which order they print them."""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from insm.evaluation.gathered import REFERENCES as REFERENCES
from insm.reporting.tables import read_table
from insm.support.files import read_json

# Attribute -> what its values 0 and 1 are called, where "no <name>" and its name would mislead.
VALUE_NAMES = {
    "Smiling": ("not smiling", "smiling"),
    "Male": ("female", "male"),
    "No_Beard": ("beard", "no beard"),
    "Young": ("old", "young"),
    "Summer": ("winter", "summer"),
    "Photo": ("edges", "photo"),
}


class MetricStyle(NamedTuple):
    """How a metric is printed."""

    heading: str
    unit: float  # values are multiplied by it
    format: str  # of str.format; `z` prints no negative zero

    def write(self, value: float | None, missing: str = "-") -> str:
        """The value in its unit."""
        return missing if value is None or pd.isna(value) else self.format.format(value * self.unit)


CURVE = "curve_"  # begins the name of a metric's mean over a learning curve
# Pattern of a metric's name -> style. A metric that is not listed is printed under its own name.
STYLES = {
    "accuracy": MetricStyle("accuracy %", 100, "{:z.1f}"),
    "accuracy_possible": MetricStyle("accuracy of possible edits %", 100, "{:z.1f}"),
    "preservation": MetricStyle("preservation %", 100, "{:z.1f}"),
    "target_accuracy": MetricStyle("full target labels %", 100, "{:z.1f}"),
    "share": MetricStyle("achieved share %", 100, "{:z.1f}"),
    "r2": MetricStyle("counterfactual R^2 %", 100, "{:z.1f}"),
    "share_input": MetricStyle("achieved share, from x %", 100, "{:z.1f}"),
    "r2_input": MetricStyle("counterfactual R^2, from x %", 100, "{:z.1f}"),
    "calibration_error": MetricStyle("calibration error %", 100, "{:z.1f}"),
    "identity": MetricStyle("identity distance", 1, "{:z.3f}"),
    "counterfactual_l1": MetricStyle("L1 to truth", 1, "{:z.4f}"),
    "counterfactual_psnr": MetricStyle("PSNR, dB", 1, "{:z.1f}"),
    "counterfactual_ssim": MetricStyle("SSIM", 1, "{:z.3f}"),
    "counterfactual_lpips_.*": MetricStyle("LPIPS to truth", 1, "{:z.3f}"),
    "composition|reversibility|minimality": MetricStyle("", 1, "{:z.4f}"),
    "lpips_.*": MetricStyle("LPIPS to input", 1, "{:z.3f}"),
    "frechet": MetricStyle("Frechet distance", 1, "{:z.2f}"),
}
# Distances between sets are named <distance>_<features>_<reference set>.
DISTANCE_NAMES = {"frechet": "Frechet", "fid": "FID", "kernel": "kernel distance", "kid": "KID"}
REFERENCE_SETS = {"test_self": "A", "perm_train": "B", "toggle_train": "C"}
DISTANCE = re.compile(rf"({'|'.join(DISTANCE_NAMES)})_(.*)_({'|'.join(REFERENCE_SETS)})(_error)?")


def metric_style(metric: str) -> MetricStyle:
    """How a metric of `tables/metrics.csv` is printed, whether it is known here or not."""
    if metric.startswith(CURVE):
        style = metric_style(metric.removeprefix(CURVE))
        heading, percent = style.heading.removesuffix(" %"), style.heading.endswith(" %")
        return style._replace(heading=f"{heading} over the training" + " %" * percent)
    if found := DISTANCE.fullmatch(metric):
        distance, _, reference, error = found.groups()
        form = "{:z.2f}" if distance in ("frechet", "fid") else "{:z.4f}"
        heading = f"{DISTANCE_NAMES[distance]} {REFERENCE_SETS[reference]}"
        return MetricStyle(f"{heading}, standard error" if error else heading, 1, form)
    for pattern, style in STYLES.items():
        if re.fullmatch(pattern, metric):
            return style._replace(heading=style.heading or metric)
    return MetricStyle(metric.replace("_", " "), 1, "{:z.4g}")


def in_order(metrics: Collection[str]) -> list[str]:
    """Metrics in the order of `STYLES`, then distances, then those that are not listed."""

    def place(metric: str) -> int:
        known = (k for k, pattern in enumerate(STYLES) if re.fullmatch(pattern, metric))
        return next(known, len(STYLES) + (not DISTANCE.fullmatch(metric)))

    return sorted(dict.fromkeys(metrics), key=place)


def label(name: str, intensity: float | None = None) -> str:
    """A variant's label with the factor on its edits, where it has one."""
    return name if pd.isna(intensity) else f"{name} ({intensity:g} x edits)"


def variants(results: str | Path, task: str) -> pd.DataFrame:
    """The method variants that a study has on a task, in its order: variant, method, intensity, label, paper_row,
    operations (of a training)."""
    return read_table(Path(results, "config", task, "variants.csv"))


def settings(results: str | Path, task: str) -> dict[str, Any]:
    """Settings of a task's jobs: train, test, embedding, identity_encoder, classifier, and runs[variant][seed]."""
    return read_json(Path(results, "config", task, "settings.json"))


def labels(results: str | Path, task: str) -> dict[str, str]:
    """Variant -> what tables and figures print for it, in the study's order."""
    return {row.variant: label(row.label, row.intensity) for row in variants(results, task).itertuples()}


def leaders(results: str | Path, task: str, methods: Collection[str] = ()) -> list[str]:
    """One variant of each method in the study's order: the method itself, not its ablations.

    That is row (c) of the paper's Table 3 where the method has it, else the method's first variant. Only those of the
    given modules of insm/methods if any are given.
    """
    table = variants(results, task)
    whole = table[table.method.isin(methods)] if methods else table
    full = whole.paper_row == "c"
    chosen = pd.concat([whole[full], whole[~full]]).drop_duplicates("method").variant
    return [variant for variant in whole.variant if variant in set(chosen)]


def target_edit(attribute: str, value: int) -> str:
    """The target of an edit in words: ("Male", 0) is "female", ("Black_Hair", 0) "no black hair"."""
    name = attribute.replace("_", " ").lower()
    return VALUE_NAMES.get(attribute, (f"no {name}", name))[value]
