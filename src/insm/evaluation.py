"""Judging edits: pure functions from pictures to a tidy table of numbers."""

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from insm.classifier import Classifier
from insm.datasets.base import Dataset
from insm.edits import toggled
from insm.extractors.base import Features, names_of
from insm.metrics import content
from insm.metrics.accuracy import edit_hits, group_means, kept_bits
from insm.metrics.distances import COMMITTED, DISTANCES
from insm.pack import Pack

DEFAULT = ("accuracy", "preservation", "frechet", "content")
COLUMNS = ["metric", "scope", "value", "samples"]
CONTENT = {"counterfactual_l1": content.l1, "counterfactual_psnr": content.psnr, "counterfactual_ssim": content.ssim}
COMPARED = ("accuracy", "preservation", "counterfactual_l1")  # metrics whose values of every picture are kept
Rows = list[tuple[str, str, float, int]]


class Domain(NamedTuple):
    """Pictures of one domain."""

    samples: int
    summaries: dict[str, Any]  # by the name of the distance


class Report(NamedTuple):
    """What is known of the edits of one run, or of a reference row."""

    numbers: (
        pd.DataFrame
    )  # metric, scope, value, samples; scope is a bit, "group:<name>", "mean", or the domain asked for
    outcomes: pd.DataFrame  # picture, bit, then for its edit: accuracy (0 or 1), preservation, counterfactual_l1


def ground_truth(pack: Pack, dataset: Dataset) -> np.ndarray | None:
    """The true picture of every edit, uint8 [A, N, S, S, 3]: rendered, or the partner in a paired set, or None."""
    targets = toggled(pack.labels(dataset.attributes), dataset)
    rendered = [dataset.counterfactual(pack.table, target, pack.size) for target in targets]
    if rendered[0] is not None:
        return np.stack(rendered)
    if dataset.paired:  # one bit, so its toggle leads to the partner
        return np.asarray(pack.images[pack.table["pair"].to_numpy()])[None]
    return None


class Evaluation:
    """Judges the edits of one task's test pictures.

    Args:
        classifier: tells attribute bits and features of pictures.
        train, test: the task's packs; both are reference sets of the distances between sets.
        truth: uint8 [A, N, S, S, 3], the exact counterfactuals, or None.
        metrics: which to compute: those of `DEFAULT`, and "kernel".
        features: those that distances between sets are of, in place of the classifier's.
    """

    def __init__(
        self,
        classifier: Classifier,
        dataset: Dataset,
        train: Pack,
        test: Pack,
        truth: np.ndarray | None,
        metrics: Collection[str] = DEFAULT,
        features: Features | None = None,
    ):
        self.classifier, self.dataset, self.test, self.truth = classifier, dataset, test, truth
        self.metrics, self.extract = metrics, features and features.extract
        names, distances = (features.names, DISTANCES) if features else (names_of("classifier"), COMMITTED)
        self.kinds = {names[kind]: distance for kind, distance in distances.items() if kind in metrics}
        self.bits = test.labels(dataset.attributes)
        self.targets = toggled(self.bits, dataset)
        self.predicted, test_features = self.judge(test.images)
        train_features, train_bits = self.judge(train.images)[1], train.labels(dataset.attributes)
        self.reference = {
            "toggle_train": dict(self.domains(train_features, train_bits)),
            "test_self": dict(self.domains(test_features, self.bits)),
        }
        half = np.random.default_rng(0).permutation(len(train))[: len(train) // 2]
        self.half = dict(self.domains(train_features[half], train_bits[half]))

    def judge(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predicted bits [N, A] and the features [N, D] for distances between sets."""
        bits, features = self.classifier.judge(images)
        return bits, self.extract(images) if self.extract else features

    def split(self, bits: np.ndarray) -> dict[str, np.ndarray]:
        """Which rows of bits [N, A] belong to each domain, bool [N]: the values of the only bit; none for several."""
        if len(self.dataset.attributes) > 1:
            return {}
        return {f"{self.dataset.attributes[0]}={value}": bits[:, 0] == value for value in (1, 0)}

    def domains(self, features: np.ndarray, bits: np.ndarray) -> Iterator[tuple[str, Domain]]:
        """Features [N, D], summarised per domain: everything together where there are several bits."""
        for scope, rows in (self.split(bits) or {"all": np.ones(len(bits), dtype=bool)}).items():
            if rows.sum() > 1:
                summaries = {name: kind.summarise(features[rows]) for name, kind in self.kinds.items()}
                yield scope, Domain(int(rows.sum()), summaries)

    def of(self, edits: np.ndarray, values: Collection[int] = (0, 1)) -> Report:
        """All metrics of edits uint8 [A, N, S, S, 3], picture n with bit k toggled in edits[k, n].

        Args:
            edits: the pictures.
            values: of the only bit of a two-domain task, those that the edits translate to. Where one is missing, there
                are rows of the other domain alone: a mean over both would count pictures that nobody translated.
        """
        count, n = self.targets.shape[:2]
        bits, features = self.judge(edits.reshape(count * n, *edits.shape[2:]))
        predicted = bits.reshape(self.targets.shape)
        rows: Rows = []
        outcomes = {}
        if "accuracy" in self.metrics:
            hits = outcomes["accuracy"] = edit_hits(predicted, self.targets)
            rows += self.per_bit("accuracy", hits.mean(axis=1), n)
            rows += self.per_domain("accuracy", hits[0], self.targets[0])
        if "preservation" in self.metrics and count > 1:
            kept, left = kept_bits(predicted, self.bits, self.targets)
            outcomes["preservation"] = np.divide(kept, left, out=np.full(kept.shape, np.nan), where=left > 0)
            rows += self.per_bit("preservation", kept.sum(axis=1) / left.sum(axis=1), n)
        fakes = dict(self.domains(features, self.targets.reshape(count * n, count)))
        rows += self.distances(fakes, self.reference)
        if "content" in self.metrics and self.truth is not None:
            for name, metric in CONTENT.items():
                differences = np.stack([metric(edits[k], self.truth[k]) for k in range(count)])
                outcomes[name] = differences
                rows += self.per_bit(name, differences.mean(axis=1), n)
                rows += self.per_domain(name, differences[0], self.targets[0])
        table, each = pd.DataFrame(rows, columns=COLUMNS), self.each(outcomes)
        if set(values) == {0, 1}:
            return Report(table, each)
        wanted = table.scope.isin([f"{self.dataset.attributes[0]}={value}" for value in values])
        return Report(table[wanted], each[np.isin(self.targets[0, each.picture, 0], list(values))])

    def references(self) -> Iterator[tuple[str, Report]]:
        """The rows that every table prints, by name.

        "copy input": the test pictures themselves in place of edits. "ground truth": the counterfactuals, where known.
        "real": accuracy on real test pictures, and the floor of distances, half of the training set against the test's.
        "majority": accuracy of always answering the more frequent value.
        """
        n = len(self.test)
        yield "copy input", self.of(np.broadcast_to(self.test.images, (len(self.targets), *self.test.images.shape)))
        if self.truth is not None:
            yield "ground truth", self.of(self.truth)
        hits = self.predicted == self.bits.astype(bool)
        rows = self.per_bit("accuracy", hits.mean(axis=0), n)
        rows += self.per_domain("accuracy", hits[:, 0], self.bits)
        rows += self.distances(self.reference["test_self"], dict.fromkeys(self.reference, self.half))
        yield "real", Report(pd.DataFrame(rows, columns=COLUMNS), self.each({"accuracy": hits.T}))
        share = self.bits.mean(axis=0)
        rows = self.per_bit("accuracy", np.maximum(share, 1 - share), n)
        yield "majority", Report(pd.DataFrame(rows, columns=COLUMNS), self.each({}))

    def each(self, outcomes: dict[str, np.ndarray]) -> pd.DataFrame:
        """Outcomes [A, N] by metric -> a row per picture and bit, without PSNR and SSIM, which say what L1 says."""
        bits, pictures = np.indices(self.targets.shape[:2]).reshape(2, -1) if outcomes else np.empty((2, 0), dtype=int)
        names = pd.Categorical.from_codes(bits, self.dataset.attributes)
        chosen = {name: values.ravel().astype(np.float32) for name, values in outcomes.items() if name in COMPARED}
        return pd.DataFrame({"picture": pictures.astype(np.int32), "bit": names} | chosen)

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

    def per_domain(self, metric: str, values: np.ndarray, bits: np.ndarray) -> Rows:
        """Rows of one metric, values [N], averaged over the pictures whose bits [N, A] are of each domain."""
        return [
            (metric, scope, float(values[rows].mean()), int(rows.sum()))
            for scope, rows in self.split(bits).items()
            if rows.any()
        ]

    def per_bit(self, metric: str, values: np.ndarray, samples: int) -> Rows:
        """Rows of one metric: each bit, each group of bits, the mean over bits."""
        named = dict(zip(self.dataset.attributes, map(float, values), strict=True))
        groups = {f"group:{name}": value for name, value in group_means(named, self.dataset.groups).items()}
        return [
            (metric, scope, value, samples) for scope, value in (named | groups | {"mean": np.mean(values)}).items()
        ]
