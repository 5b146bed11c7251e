"""Judging edits: pure functions from images to a tidy table of numbers."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from insm.data.dataset import Dataset
from insm.data.edits import permuted, toggled
from insm.data.prepared_split import PreparedSplit
from insm.evaluation.metrics import content
from insm.evaluation.metrics.accuracy import edit_hits, group_means, kept_labels
from insm.evaluation.metrics.calibration import calibration_error
from insm.evaluation.metrics.distances import DISTANCES
from insm.evaluation.metrics.identity import identity_distance
from insm.evaluation.networks import EvaluationNetworks
from insm.support.errors import UserError
from insm.support.files import load_array
from insm.support.progress import Progress

COLUMNS = ["metric", "scope", "value", "samples"]
CONTENT = {"counterfactual_l1": content.l1, "counterfactual_psnr": content.psnr, "counterfactual_ssim": content.ssim}
COMPARED = (
    "accuracy",
    "preservation",
    "counterfactual_l1",
    "identity",
)  # metrics whose values of every image are kept
Rows = list[tuple[str, str, float, int]]


class Domain(NamedTuple):
    """Images of one domain."""

    samples: int
    summaries: dict[str, Any]  # by the name of the distance


class Report(NamedTuple):
    """What is known of the edits of one run, or of a reference row."""

    numbers: (
        pd.DataFrame
    )  # metric, scope (an attribute, "group:<name>", "mean", or the domain asked for), value, samples
    outcomes: pd.DataFrame  # image, attribute, then for its edit those of COMPARED


class Translations(NamedTuple):
    """Translations of all test images, each uint8 [., N, S, S, 3]."""

    edits: np.ndarray  # [A, ...]: image n with attribute k toggled in edits[k, n]
    permuted: np.ndarray | None = None  # [P, ...]: with the labels of `edits.permuted`; None: not known


def ground_truth(split: PreparedSplit, dataset: Dataset) -> Translations | None:
    """The true images: rendered, or for single edits the partner in a paired set, or None."""
    labels = split.labels(dataset.attributes)
    rendered = [
        [dataset.counterfactual(split.table, target, split.size) for target in targets]
        for targets in (toggled(labels, dataset), permuted(labels))
    ]
    if rendered[0][0] is not None:
        return Translations(*(np.array(p, dtype=np.uint8).reshape(len(p), *split.images.shape) for p in rendered))
    if dataset.paired:  # one attribute, so its toggle leads to the partner
        return Translations(np.asarray(split.images[split.table["pair"].to_numpy()])[None])
    return None


class Evaluation:
    """EvaluationNetworks the edits of one task's test images.

    Args:
        judges: the networks that look at images.
        train, test: the task's prepared splits; both are reference sets of the distances between sets.
        truth: the exact counterfactuals, or None.
        metrics: which to compute, of those that the key `metrics` of a study knows.
    """

    def __init__(
        self,
        judges: EvaluationNetworks,
        dataset: Dataset,
        train: PreparedSplit,
        test: PreparedSplit,
        truth: Translations | None,
        metrics: Collection[str],
    ):
        self.judges, self.dataset, self.test, self.truth, self.metrics = judges, dataset, test, truth, metrics
        self.kinds = {judges.names[kind]: distance for kind, distance in DISTANCES.items() if kind in metrics}
        self.labels = test.labels(dataset.attributes)
        self.targets, self.permuted = toggled(self.labels, dataset), permuted(self.labels)
        self.logits, test_features = judges(test.images)
        self.people = judges.recognise(test.images) if "identity" in metrics else None
        train_features, train_labels = judges(train.images)[1], train.labels(dataset.attributes)
        trained = dict(self.domains(train_features, train_labels))
        self.references_of_edits = {
            "toggle_train": trained,
            "test_self": dict(self.domains(test_features, self.labels)),
        }
        self.references_of_labels = {"perm_train": trained} if len(self.permuted) else {}
        half = np.random.default_rng(0).permutation(len(train))[: len(train) // 2]
        self.half = dict(self.domains(train_features[half], train_labels[half]))

    def split(self, labels: np.ndarray) -> dict[str, np.ndarray]:
        """Which rows of labels [N, A] belong to each domain, bool [N]: the values of the only attribute; none for several."""
        if len(self.dataset.attributes) > 1:
            return {}
        return {f"{self.dataset.attributes[0]}={value}": labels[:, 0] == value for value in (1, 0)}

    def domains(self, features: np.ndarray, labels: np.ndarray) -> Iterator[tuple[str, Domain]]:
        """Features [N, D], summarised per domain: everything together where there are several attributes."""
        for scope, rows in (self.split(labels) or {"all": np.ones(len(labels), dtype=bool)}).items():
            if rows.sum() > 1:
                summaries = {name: kind.summarise(features[rows]) for name, kind in self.kinds.items()}
                yield scope, Domain(int(rows.sum()), summaries)

    def of(self, images: Translations, values: Collection[int] = (0, 1)) -> Report:
        """All metrics of translations of the test images.

        Args:
            images: the translations.
            values: of the only attribute of a two-domain task, those that the edits translate to. Where one is missing, there
                are rows of the other domain alone: a mean over both would count images that nobody translated.
        """
        edits, (count, n) = images.edits, self.targets.shape[:2]
        logits, features = self.judges(edits.reshape(count * n, *edits.shape[2:]))
        predicted = logits.reshape(self.targets.shape) > 0
        outcomes = {}  # by metric: [A, N]
        rows: Rows = []
        if "accuracy" in self.metrics:
            outcomes["accuracy"] = edit_hits(predicted, self.targets)
        if "preservation" in self.metrics and count > 1:
            kept, left = kept_labels(predicted, self.labels, self.targets)
            outcomes["preservation"] = np.divide(kept, left, out=np.full(kept.shape, np.nan), where=left > 0)
        if self.people is not None:
            points = self.judges.recognise(edits.reshape(count * n, *edits.shape[2:]))
            outcomes["identity"] = identity_distance(points.reshape(count, n, -1), self.people)
        outcomes |= self.content(edits)
        for name, found in outcomes.items():
            rows += self.per_attribute(name, np.nanmean(found, axis=1), n)
            rows += self.per_domain(name, found[0], self.targets[0])
        fakes = dict(self.domains(features, self.targets.reshape(count * n, count)))
        rows += self.distances(fakes, self.references_of_edits)
        if images.permuted is not None and len(self.permuted):
            rows += self.of_permuted(images.permuted)
        table, each = pd.DataFrame(rows, columns=COLUMNS), self.each(outcomes)
        if set(values) == {0, 1}:
            return Report(table, each)
        wanted = table.scope.isin([f"{self.dataset.attributes[0]}={value}" for value in values])
        return Report(table[wanted], each[np.isin(self.targets[0, each.image, 0], list(values))])

    def content(self, edits: np.ndarray) -> dict[str, np.ndarray]:
        """Distances [A, N] of edits [A, N, S, S, 3] to their truth where it is known, and LPIPS to their input too."""
        if "content" not in self.metrics:
            return {}
        metrics, found = dict(CONTENT), {}
        if perceptual := self.judges.perceptual:
            metrics[f"counterfactual_lpips_{perceptual.backbone}"] = perceptual
            found[f"lpips_{perceptual.backbone}"] = np.stack([perceptual(edit, self.test.images) for edit in edits])
        if self.truth is not None:
            pairs = [*zip(edits, self.truth.edits, strict=True)]
            found |= {name: np.stack([metric(*pair) for pair in pairs]) for name, metric in metrics.items()}
        return found

    def of_permuted(self, images: np.ndarray) -> Rows:
        """Metrics of translations [P, N, S, S, 3] to other images' labels: all attributes count, also those that stay."""
        logits, features = self.judges(images.reshape(-1, *images.shape[2:]))
        targets = self.permuted.reshape(logits.shape)
        hits = (logits > 0) == targets.astype(bool)
        rows = self.per_attribute("target_accuracy", hits.mean(axis=0), len(hits)) if "accuracy" in self.metrics else []
        return rows + self.distances(dict(self.domains(features, targets)), self.references_of_labels)

    def references(self) -> Iterator[tuple[str, Report]]:
        """The rows that every table prints, by name.

        "no edit": the test images themselves in place of edits. "ground truth": the counterfactuals, where known.
        "real": the classifier's accuracy and calibration on untouched test images, the identity distance of different
        images, and the floor of distances between sets, half of the training set against the test's.
        "majority": accuracy of always answering the more frequent value.
        """
        n, own = len(self.test), self.test.images
        yield (
            "no edit",
            self.of(Translations(*(np.broadcast_to(own, (len(t), *own.shape)) for t in (self.targets, self.permuted)))),
        )
        if self.truth is not None:
            yield "ground truth", self.of(self.truth)
        hits = (self.logits > 0) == self.labels.astype(bool)
        rows = self.per_attribute("accuracy", hits.mean(axis=0), n)
        rows += self.per_domain("accuracy", hits[:, 0], self.labels)
        calibration = [calibration_error(*columns) for columns in zip(self.logits.T, self.labels.T, strict=True)]
        rows += self.per_attribute("calibration_error", np.array(calibration), n)
        if self.people is not None:
            others = np.roll(self.people, 2, axis=0)  # the first and second image of a pair stand side by side
            rows.append(("identity", "mean", float(identity_distance(self.people, others).mean()), n))
        floors = dict.fromkeys([*self.references_of_edits, *self.references_of_labels], self.half)
        rows += self.distances(self.references_of_edits["test_self"], floors)
        yield "real", Report(pd.DataFrame(rows, columns=COLUMNS), self.each({"accuracy": hits.T}))
        share = self.labels.mean(axis=0)
        rows = self.per_attribute("accuracy", np.maximum(share, 1 - share), n)
        yield "majority", Report(pd.DataFrame(rows, columns=COLUMNS), self.each({}))

    def each(self, outcomes: dict[str, np.ndarray]) -> pd.DataFrame:
        """Outcomes [A, N] by metric -> a row per image and attribute, for content L1 alone."""
        labels, images = np.indices(self.targets.shape[:2]).reshape(2, -1) if outcomes else np.empty((2, 0), dtype=int)
        names = pd.Categorical.from_codes(labels, self.dataset.attributes)
        chosen = {name: values.ravel().astype(np.float32) for name, values in outcomes.items() if name in COMPARED}
        return pd.DataFrame({"image": images.astype(np.int32), "attribute": names} | chosen)

    def distances(self, judged: dict[str, Domain], real: dict[str, dict[str, Domain]]) -> Rows:
        """Distances of every domain to every reference set, as metrics <distance>_<reference set>."""
        return [
            (f"{name}_{reference}{ending}", scope, value, judged[scope].samples)
            for reference, domains in real.items()
            for name, kind in self.kinds.items()
            for scope in judged
            if scope in domains
            for ending, value in kind.compare(judged[scope].summaries[name], domains[scope].summaries[name]).items()
        ]

    def per_domain(self, metric: str, values: np.ndarray, labels: np.ndarray) -> Rows:
        """Rows of one metric, values [N], averaged over the images whose labels [N, A] are of each domain."""
        return [
            (metric, scope, float(values[rows].mean()), int(rows.sum()))
            for scope, rows in self.split(labels).items()
            if rows.any()
        ]

    def per_attribute(self, metric: str, values: np.ndarray, samples: int) -> Rows:
        """Rows of one metric: each attribute, each group of attributes, the mean over attributes."""
        named = dict(zip(self.dataset.attributes, map(float, values), strict=True))
        groups = {f"group:{name}": value for name, value in group_means(named, self.dataset.groups).items()}
        return [
            (metric, scope, value, samples) for scope, value in (named | groups | {"mean": np.mean(values)}).items()
        ]

    def check(self, translations: Translations, path: Path) -> None:
        """Refuse translations, read from `path`, that are not of this evaluation's test images; empty ones pass."""
        for made, targets in ((translations.edits, self.targets), (translations.permuted, self.permuted)):
            shape = (len(targets), *self.test.images.shape)
            if made is not None and made.size and made.shape != shape:
                raise UserError(f"{path} has shape {made.shape}, the test split wants {shape}: run `snakemake {path}`")


def evaluate_runs(
    evaluation: Evaluation, runs: list[tuple[str, Path, Path]], one_way: Mapping[str, tuple[int, ...]], label: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The reference rows and every run of a task.

    Args:
        evaluation: of the task.
        runs: "<variant>/<seed>", and the files of its single edits and of its translations to other labels.
        one_way: variant -> values of the only attribute that it translates to, where that is not both.
        label: name of the progress.

    Returns:
        The numbers (variant, seed, metric, scope, value, samples) and the outcomes of every edit (variant, seed, image,
        attribute, then COMPARED).
    """
    reports = [({"variant": name, "seed": ""}, report) for name, report in evaluation.references()]
    progress = Progress(f"evaluating {label}", len(runs), unit="runs")
    for done, (name, edits, permuted) in enumerate(runs, start=1):
        variant, slash, seed = name.rpartition("/")
        if not slash or not seed.isdigit():
            raise UserError(f"run {name!r}: write VARIANT/SEED")
        translations = Translations(load_array(edits), load_array(permuted))
        evaluation.check(translations, edits)
        reports.append(({"variant": variant, "seed": seed}, evaluation.of(translations, one_way.get(variant, (0, 1)))))
        progress(done)
    numbers = pd.concat([report.numbers.assign(**run) for run, report in reports])
    each = pd.concat([report.outcomes.assign(**run) for run, report in reports], ignore_index=True)
    return numbers[["variant", "seed", *COLUMNS]], each.astype({"variant": "category", "seed": "category"})
