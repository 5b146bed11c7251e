"""What a study has measured of a task, as contrasts want it: arrays [S, K, N] of trainings, classifiers and images."""

import re
from collections.abc import Mapping
from typing import NamedTuple, Protocol

import numpy as np
import pandas as pd

from insm.evaluation.contrasts import of_images
from insm.evaluation.gathered import FINISHED
from insm.reporting.names import CURVE
from insm.reporting.tables import FRECHET, FRECHET_BY_DOMAIN

IN_PLACE = {"accuracy_possible": "accuracy"}  # what stands for a metric in a study that did not measure it
KEYS = ("variant", "seed", "image", "attribute")


class Numbers(Protocol):
    """Something that has numbers of a task; `Measured` is what a study has."""

    def of(self, metric: str, scope: str, variants: Mapping[str, float]) -> tuple[str, dict[str, np.ndarray]] | None:
        """The name of the metric as measured, and by variant [S, K, N]; None if any of the variants lacks it.

        Other variants that have the same classifiers and images may be there too.
        """


class Measured(NamedTuple):
    """One task's measures."""

    images: Mapping[str, Mapping[str, np.ndarray]]  # variant -> metric -> [S, K, N], means over attributes
    numbers: pd.DataFrame  # variant, seed, split, step, classifier, metric, scope, value; of whole test splits

    def of(self, metric: str, scope: str, variants: Mapping[str, float]) -> tuple[str, dict[str, np.ndarray]] | None:
        """As `Numbers.of`.

        N counts images where a metric has a value for each and the scope is their mean, else test splits. Distances
        between sets are logarithms. Numbers of a classifier that not all variants and trainings have are left out.
        """
        for name in filter(None, (metric, IN_PLACE.get(metric))):
            if scope == "mean" and all(name in self.images.get(variant, {}) for variant in variants):
                return name, self._alike(name, variants)
            tables = {variant: self._of_sets(variant, name, scope) for variant in variants}
            known = {variant: table for variant, table in tables.items() if table is not None}
            if len(known) == len(variants):
                names = [name for name in self.numbers.variant.unique() if name not in known]
                return name, _common(known, {other: self._of_sets(other, name, scope) for other in names})
        return None

    def _alike(self, metric: str, variants: Mapping[str, float]) -> dict[str, np.ndarray]:
        """Values of images of these variants and of all others that have as many classifiers and images."""
        known = {variant: metrics[metric] for variant, metrics in self.images.items() if metric in metrics}
        shape = known[next(iter(variants))].shape[1:]
        return {variant: each for variant, each in known.items() if each.shape[1:] == shape or variant in variants}

    def _of_sets(self, variant: str, metric: str, scope: str) -> pd.DataFrame | None:
        """Rows: seeds; columns: (classifier, split); None if there is no number."""
        names = {"frechet": FRECHET if scope == "all" else FRECHET_BY_DOMAIN}
        rows = self.numbers[(self.numbers.variant == variant) & (self.numbers.scope == scope)]
        on_curve = metric.startswith(CURVE)
        rows, metric = rows[(rows.step != FINISHED) == on_curve], metric.removeprefix(CURVE)
        rows = rows[rows.metric.str.fullmatch(names.get(metric, re.escape(metric)))]
        if rows.empty:
            return None
        values = np.log(rows.value) if metric == "frechet" else rows.value
        rows = rows.assign(value=values, seed=rows.seed.astype(object).where(rows.seed.notna(), "").astype(str))
        return rows.pivot_table(index="seed", columns=["classifier", "split"], values="value").dropna()


def _common(
    tables: Mapping[str, pd.DataFrame], others: Mapping[str, pd.DataFrame | None] | None = None
) -> dict[str, np.ndarray]:
    """Tables of seeds by (classifier, split) -> arrays [S, K, N] of the classifiers and splits that all have.

    Of the others those that have all of these.
    """
    shared = set.intersection(*(set(table.columns) for table in tables.values()))
    classifiers = sorted({classifier for classifier, _ in shared})
    splits = sorted({split for _, split in shared})
    wanted = [(classifier, split) for classifier in classifiers for split in splits]
    every = dict(tables) | {
        variant: table for variant, table in (others or {}).items() if table is not None and set(wanted) <= set(table)
    }
    shape = (len(classifiers), len(splits))
    return {variant: table[wanted].to_numpy().reshape(-1, *shape) for variant, table in every.items()}


def of_edits(outcomes: pd.DataFrame) -> dict[str, dict[str, np.ndarray]]:
    """Outcomes of single edits (variant, seed, image, attribute, metrics) -> variant -> metric -> values [S, 1, N].

    Args:
        outcomes: what a study keeps that has one classifier and one test split (`insm job evaluate`).
    """
    metrics = [name for name in outcomes if name not in KEYS]
    if not len(outcomes) or not metrics:
        return {}
    shape = (outcomes.image.max() + 1, len(outcomes.attribute.cat.categories))
    result: dict[str, dict[str, list[np.ndarray]]] = {}
    for (variant, _), rows in outcomes.groupby(["variant", "seed"], sort=False, observed=True, dropna=False):
        for metric in metrics:
            values = np.full(shape, np.nan)
            values[rows.image, rows.attribute.cat.codes] = rows[metric]
            if not np.isnan(values).all():
                result.setdefault(str(variant), {}).setdefault(metric, []).append(of_images(values))
    return {
        variant: {metric: np.stack(seeds)[:, None] for metric, seeds in by_metric.items()}
        for variant, by_metric in result.items()
    }


def of_metrics(metrics: pd.DataFrame) -> pd.DataFrame:
    """Numbers of a task as `insm job tabulate` writes them -> those of `Measured`; missing columns have one value."""
    return metrics.assign(**{name: value for name, value in {"split": "test", "step": FINISHED, "classifier": 0}.items()
                             if name not in metrics})  # fmt: skip
