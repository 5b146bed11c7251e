"""Metrics of translations: from images to a tidy table of numbers (docs/evaluation.md)."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from insm.data.dataset import Dataset
from insm.data.edits import LABELS, counted, permuted, toggled
from insm.data.prepared_split import PreparedSplit
from insm.evaluation.metrics import axioms, content
from insm.evaluation.metrics.accuracy import edit_hits, kept_labels
from insm.evaluation.metrics.achieved import achieved
from insm.evaluation.metrics.distances import DISTANCES
from insm.evaluation.metrics.identity import identity_distance
from insm.evaluation.metrics.possible import over_possible, possible_edits
from insm.evaluation.networks import CHUNK, EvaluationNetworks
from insm.evaluation.scopes import COLUMNS, Rows, Scopes
from insm.evaluation.set_distances import SetDistances
from insm.evaluation.translations import Stack, Translations
from insm.support.errors import UserError

CONTENT = {"counterfactual_l1": content.l1, "counterfactual_psnr": content.psnr, "counterfactual_ssim": content.ssim}
PER_IMAGE = (  # metrics whose values of every edit are kept
    "accuracy", "preservation", "counterfactual_l1", "identity", "accuracy_possible", "share", "r2", "share_input",
    "r2_input", "composition", "reversibility", "minimality",
)  # fmt: skip
PairMetric = Callable[[np.ndarray, np.ndarray], np.ndarray]  # images uint8 [N, S, S, 3] twice -> [N]


class Report(NamedTuple):
    """What is known of the edits of one run, or of a reference row."""

    numbers: pd.DataFrame  # metric, scope (`Scopes`, or "all"), value, samples
    outcomes: pd.DataFrame  # image, attribute, then for its edit the metrics of PER_IMAGE
    values: dict[str, np.ndarray] = {}  # by metric, of every attribute and image [A, N]; NaN does not count


class Evaluation:
    """Measures translations of one task's test images.

    Args:
        networks: the networks that look at images.
        dataset: of the task.
        train, test: the task's prepared splits; both are reference sets of the distances between sets.
        truth: the exact counterfactuals, or None.
        metrics: which to compute, of those that the key `metrics` of a study knows.
        train_features: what `networks` make of the training images, if it is known.
        labels: full target labels per image.
    """

    def __init__(
        self,
        networks: EvaluationNetworks,
        dataset: Dataset,
        train: PreparedSplit,
        test: PreparedSplit,
        truth: Translations | None,
        metrics: Collection[str],
        train_features: np.ndarray | None = None,
        labels: int = LABELS,
    ):
        self.networks, self.dataset, self.test, self.truth, self.metrics = networks, dataset, test, truth, metrics
        self.scopes = Scopes(dataset)
        named = {networks.names[kind]: distance for kind, distance in DISTANCES.items() if kind in metrics}
        self.distances = SetDistances(named, self.scopes)
        self.labels = test.labels(dataset.attributes)
        self.targets, self.permuted = toggled(self.labels, dataset), permuted(self.labels, labels)
        self.counted = counted(self.targets, dataset)
        self.possible = self.counted & possible_edits(self.targets, train.labels(dataset.attributes))
        self.logits, test_features = networks(test.images)
        self.identities = networks.identify(test.images) if "identity" in metrics else None
        self.train_features = networks(train.images)[1] if train_features is None else train_features
        train_features, train_labels = self.train_features, train.labels(dataset.attributes)
        trained, tested = (
            self.distances.summarise(*known) for known in ((train_features, train_labels), (test_features, self.labels))
        )
        self.references_of_edits = {"toggle_train": trained, "test_self": tested}
        self.references_of_labels = {"perm_train": trained} if len(self.permuted) else {}
        half = np.random.default_rng(0).permutation(len(train))[: len(train) // 2]
        self.half = self.distances.summarise(train_features[half], train_labels[half])

    def of(self, images: Translations, values: Collection[int] = (0, 1)) -> Report:
        """All metrics of translations of the test images.

        Args:
            images: the translations.
            values: of the only attribute of a two-domain task, those that the edits translate to. Where one is missing,
                there are rows of the other domain alone: a mean over both would count images that nobody translated.
        """
        rows, outcomes = self.of_edits(images)
        each = self.each(outcomes)
        if images.permuted is not None and len(self.permuted):
            more, of_labels = self.of_permuted(images.permuted)
            rows, outcomes = rows + more, outcomes | of_labels
        table = pd.DataFrame(rows, columns=COLUMNS)
        if set(values) == {0, 1}:
            return Report(table, each, outcomes)
        wanted = table.scope.isin([self.scopes.domain(value) for value in values])
        made = np.isin(self.targets[0, :, 0], list(values))
        outcomes = {name: np.where(made, of_edits, np.nan) for name, of_edits in outcomes.items()}
        return Report(table[wanted], each[np.isin(self.targets[0, each.image, 0], list(values))], outcomes)

    def of_edits(self, images: Translations) -> tuple[Rows, dict[str, np.ndarray]]:
        """Metrics of single edits -> rows, and values of every edit [A, N] by metric.

        Edits whose target is no possible label (`edits.counted`) are NaN.
        """
        edits = images.edits
        stack = Stack(edits)
        logits, features = self.networks(stack)
        predicted = logits.reshape(self.targets.shape) > 0
        outcomes = {}
        if "accuracy" in self.metrics:
            outcomes["accuracy"] = edit_hits(predicted, self.targets)
        if "possible" in self.metrics:
            outcomes["accuracy_possible"] = over_possible(edit_hits(predicted, self.targets), self.possible)
        if "preservation" in self.metrics and len(edits) > 1:
            kept, left = kept_labels(predicted, self.labels, self.targets)
            outcomes["preservation"] = np.divide(kept, left, out=np.full(kept.shape, np.nan), where=left > 0)
        if self.identities is not None:
            outcomes["identity"] = self.identity(stack, self.identities).reshape(self.counted.shape)
        outcomes |= self.content(edits) | self.achieved(images) | self.axioms(images)
        if not self.counted.all():
            outcomes = {name: np.where(self.counted, values, np.nan) for name, values in outcomes.items()}
        rows: Rows = []
        for name, values in outcomes.items():
            rows += self.scopes.per_attribute(name, means(values), (~np.isnan(values)).sum(axis=1))
            rows += self.scopes.per_domain(name, values[0], self.targets[0])
        targets, real = self.targets.reshape(len(stack), -1), self.counted.ravel()
        if not real.all():
            features, targets = features[real], targets[real]
        return rows + self.distances.rows(
            self.distances.summarise(features, targets), self.references_of_edits
        ), outcomes

    def of_permuted(self, images: np.ndarray) -> tuple[Rows, dict[str, np.ndarray]]:
        """Metrics of translations [P, N, S, S, 3] to full target labels: all attributes count, also those that stay.

        Returns:
            Rows, and values of every attribute and image [A, N], means over P, by metric.
        """
        logits, features = self.networks(Stack(images))
        targets = self.permuted.reshape(logits.shape)
        rows: Rows = []
        values = {}
        if "accuracy" in self.metrics:
            hits = (logits > 0) == targets.astype(bool)
            rows = self.scopes.per_attribute("target_accuracy", hits.mean(axis=0), len(hits))
            values["target_accuracy"] = hits.reshape(self.permuted.shape).mean(axis=0).T
        distances = self.distances.rows(self.distances.summarise(features, targets), self.references_of_labels)
        return rows + distances, values

    def identity(self, stack: Stack, own: np.ndarray) -> np.ndarray:
        """Distance of every edit [A * N] from its input, whose points of the identity encoder are `own` [N, D]."""
        parts, count = [], len(self.test)
        for start in range(0, len(stack), CHUNK):
            points = self.networks.identify(stack[start : start + CHUNK])
            inputs = np.arange(start, start + len(points)) % count
            parts.append(identity_distance(points, own[inputs]))
        return np.concatenate(parts)

    def content(self, edits: np.ndarray) -> dict[str, np.ndarray]:
        """Distances [A, N] of edits [A, N, S, S, 3] to their truth where it is known, and LPIPS to their input too."""
        if "content" not in self.metrics:
            return {}
        metrics: dict[str, PairMetric] = dict(CONTENT)
        values = {}
        if perceptual := self.networks.perceptual:
            metrics[f"counterfactual_lpips_{perceptual.backbone}"] = perceptual
            to_input = [chunked(perceptual, edit, self.test.images) for edit in edits]
            values[f"lpips_{perceptual.backbone}"] = np.stack(to_input)
        if self.truth is not None:
            pairs = [*zip(edits, self.truth.edits, strict=True)]
            for name, metric in metrics.items():
                values[name] = np.stack([chunked(metric, *pair) for pair in pairs])
        return values

    def achieved(self, images: Translations) -> dict[str, np.ndarray]:
        """Achieved share and counterfactual R^2 [A, N] of possible edits, from x and, if known, from G(x, a)."""
        if "achieved" not in self.metrics or self.truth is None:
            return {}
        own, values = self.test.images, dict[str, np.ndarray]()
        for ending, base in (("_input", own), ("", images.same)):
            if base is not None:
                measured = [
                    achieved(edit, base, self.truth.edits[k], own, self.targets[k, :, k], self.possible[k])
                    for k, edit in enumerate(images.edits)
                ]
                values |= {f"share{ending}": np.stack([one.share for one in measured])}
                values |= {f"r2{ending}": np.stack([one.r2 for one in measured])}
        return values

    def axioms(self, images: Translations) -> dict[str, np.ndarray]:
        """Axioms of counterfactual images [A, N]; those that are not defined for a method or a task are left out."""
        if "axioms" not in self.metrics:
            return {}
        own, values = self.test.images, {}
        if images.same is not None:
            values["composition"] = np.tile(chunked(axioms.composition, own, images.same), (len(images.edits), 1))
        if images.back is not None:
            count = images.back.shape[1]  # of the first images, where translating all of them back would take long
            measured = [chunked(axioms.reversibility, own[:count], back) for back in images.back]
            values["reversibility"] = np.full(self.targets.shape[:2], np.nan)
            values["reversibility"][:, :count] = measured
        if self.truth is not None:
            pairs = zip(images.edits, self.truth.edits, strict=True)
            minimal = np.stack([axioms.minimality(edit, truth, own) for edit, truth in pairs])
            if not np.isnan(minimal).all():
                values["minimality"] = minimal
        return values

    def each(self, outcomes: dict[str, np.ndarray]) -> pd.DataFrame:
        """Outcomes [A, N] by metric -> a row per image and attribute, for the metrics of `PER_IMAGE`."""
        attributes, images = (
            np.indices(self.targets.shape[:2]).reshape(2, -1) if outcomes else np.empty((2, 0), dtype=int)
        )
        names = pd.Categorical.from_codes(attributes, self.dataset.attributes)
        kept = {name: values.ravel().astype(np.float32) for name, values in outcomes.items() if name in PER_IMAGE}
        return pd.DataFrame({"image": images.astype(np.int32), "attribute": names} | kept)

    def check(self, translations: Translations, path: Path) -> None:
        """Refuse translations, read from `path`, that are not of this evaluation's test images; empty ones pass."""
        for made, targets in ((translations.edits, self.targets), (translations.permuted, self.permuted)):
            shape = (len(targets), *self.test.images.shape)
            if made is not None and made.size and made.shape != shape:
                raise UserError(f"{path} has shape {made.shape}, the test split wants {shape}: run `snakemake {path}`")


def means(values: np.ndarray) -> np.ndarray:
    """Values [A, N] -> means over images [A] that leave out NaN; NaN where there is nothing else."""
    known = ~np.isnan(values)
    rows = known.any(axis=1)
    result = np.full(len(values), np.nan)
    result[rows] = np.nanmean(values[rows], axis=1)
    return result


def chunked(metric: PairMetric, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A metric of two sets of images, some at a time: pixels in float64 take 24 times the memory of uint8."""
    return np.concatenate([metric(a[k : k + CHUNK], b[k : k + CHUNK]) for k in range(0, len(a), CHUNK)])
