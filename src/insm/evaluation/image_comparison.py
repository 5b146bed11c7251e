"""Intervals and differences of variants whose outcomes are values of images: with terms of seeds, images, classifiers.

The columns are those of `comparison`, for studies that keep values of every edit.
"""

from itertools import combinations

import numpy as np
import pandas as pd

from insm.evaluation.comparison import DIFFERENCES, INTERVALS, NO_EDITS
from insm.evaluation.contrasts import contrast
from insm.evaluation.gathered import REFERENCES

Values = dict[str, dict[str, np.ndarray]]  # variant -> metric -> [S, K, N] (`gathered.values_of`)


def intervals_of_images(values: Values) -> pd.DataFrame:
    """Every variant's means over attributes with 95 % intervals; seed_low and seed_high are over trainings alone."""
    rows = []
    for variant, metrics in values.items():
        for metric, numbers in metrics.items():
            estimate = contrast({variant: numbers}, {variant: 1}, untrained=REFERENCES)
            low, high = estimate.interval()
            seeds = contrast({variant: numbers.mean(axis=(1, 2), keepdims=True)}, {variant: 1}, untrained=REFERENCES)
            seed_low, seed_high = seeds.interval()
            row = {"variant": variant, "metric": metric, "scope": "mean", "value": estimate.value}
            row |= {"low": low, "high": high, "seed_low": seed_low, "seed_high": seed_high}
            row |= {"images": numbers.shape[2], "seeds": len(numbers)}
            rows.append(row)
    return pd.DataFrame(rows, columns=INTERVALS)


def differences_of_images(values: Values) -> pd.DataFrame:
    """The differences between all pairs of variants that have equal classifiers and images, trainings unpaired."""
    rows = []
    metrics = dict.fromkeys(metric for known in values.values() for metric in known)
    for metric in metrics:
        known = {name: each[metric] for name, each in values.items() if metric in each and name not in NO_EDITS}
        for variant, other in combinations(known, 2):
            if known[variant].shape[1:] != known[other].shape[1:]:
                continue
            pair = {name: known[name] for name in (variant, other)}
            estimate = contrast(pair, {variant: 1, other: -1}, untrained=REFERENCES)
            low, high = estimate.interval()
            images = pair[variant].mean(axis=(0, 1)) - pair[other].mean(axis=(0, 1))
            spread = images.std(ddof=1) if len(images) > 1 else np.nan
            row = {"variant": variant, "other": other, "metric": metric, "scope": "mean", "difference": estimate.value}
            row |= {"low": low, "high": high, "effect": estimate.value / spread if spread else np.nan}
            seeds = [len(pair[name]) for name in (variant, other) if name not in REFERENCES]
            rows.append(row | {"images": len(images), "seeds": min(seeds, default=1)})
    return pd.DataFrame(rows, columns=DIFFERENCES)
