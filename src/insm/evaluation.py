"""Judging edits: pure functions from pictures to a tidy table of numbers."""

from collections.abc import Collection, Iterator

import numpy as np
import pandas as pd

from insm.classifier import Classifier
from insm.datasets.base import Dataset
from insm.edits import toggled
from insm.features import Extractor
from insm.metrics import content
from insm.metrics.accuracy import edit_accuracy, group_means, preservation
from insm.metrics.frechet import Gaussian, frechet_distance, moments
from insm.pack import Pack

ALL = ("accuracy", "preservation", "frechet", "content")
COLUMNS = ["metric", "scope", "value", "samples"]
CONTENT = {"counterfactual_l1": content.l1, "counterfactual_psnr": content.psnr, "counterfactual_ssim": content.ssim}
Rows = list[tuple[str, str, float, int]]


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
        train, test: the task's packs; `train` is the reference set of the Frechet distances.
        truth: uint8 [A, N, S, S, 3], the exact counterfactuals, or None.
        metrics: which of `ALL` to compute.
        extractor: name and network of the features for the Frechet distances, in place of the classifier's.
    """

    def __init__(
        self,
        classifier: Classifier,
        dataset: Dataset,
        train: Pack,
        test: Pack,
        truth: np.ndarray | None,
        metrics: Collection[str] = ALL,
        extractor: tuple[str, Extractor] | None = None,
    ):
        self.classifier, self.dataset, self.test, self.truth = classifier, dataset, test, truth
        self.metrics, self.extractor = metrics, extractor
        self.bits = test.labels(dataset.attributes)
        self.targets = toggled(self.bits, dataset)
        self.predicted, test_features = self.judge(test.images)
        train_features, train_bits = self.judge(train.images)[1], train.labels(dataset.attributes)
        self.metric = f"frechet_{extractor[0] if extractor else 'classifier'}"
        self.reference = {
            f"{self.metric}_toggle_train": dict(self.domains(train_features, train_bits)),
            f"{self.metric}_test_self": dict(self.domains(test_features, self.bits)),
        }
        half = np.random.default_rng(0).permutation(len(train))[: len(train) // 2]
        self.half = dict(self.domains(train_features[half], train_bits[half]))

    def judge(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predicted bits [N, A] and the features [N, D] for Frechet distances."""
        bits, features = self.classifier.judge(images)
        return bits, self.extractor[1](images) if self.extractor else features

    def split(self, bits: np.ndarray) -> dict[str, np.ndarray]:
        """Which rows of bits [N, A] belong to each domain, bool [N]: the values of the only bit; none for several."""
        if len(self.dataset.attributes) > 1:
            return {}
        return {f"{self.dataset.attributes[0]}={value}": bits[:, 0] == value for value in (1, 0)}

    def domains(self, features: np.ndarray, bits: np.ndarray) -> Iterator[tuple[str, Gaussian]]:
        """Moments of features [N, D] per domain: everything together where there are several bits."""
        for scope, rows in (self.split(bits) or {"all": np.ones(len(bits), dtype=bool)}).items():
            if rows.sum() > 1:
                yield scope, moments(features[rows])

    def of(self, edits: np.ndarray, values: Collection[int] = (0, 1)) -> pd.DataFrame:
        """All metrics of edits uint8 [A, N, S, S, 3], picture n with bit k toggled in edits[k, n].

        Args:
            edits: the pictures.
            values: of the only bit of a two-domain task, those that the edits translate to. Where one is missing, there
                are rows of the other domain alone: a mean over both would count pictures that nobody translated.

        Returns:
            Rows (metric, scope, value, samples); scope is a bit, "group:<name>", "mean", or the domain asked for.
        """
        count, n = self.targets.shape[:2]
        bits, features = self.judge(edits.reshape(count * n, *edits.shape[2:]))
        predicted = bits.reshape(self.targets.shape)
        rows: Rows = []
        if "accuracy" in self.metrics:
            rows += self.per_bit("accuracy", edit_accuracy(predicted, self.targets), n)
            rows += self.per_domain("accuracy", (predicted == self.targets)[0, :, 0], self.targets[0])
        if "preservation" in self.metrics and count > 1:
            rows += self.per_bit("preservation", preservation(predicted, self.bits, self.targets), n)
        if "frechet" in self.metrics:
            fakes = dict(self.domains(features, self.targets.reshape(count * n, count)))
            rows += self.distances(fakes, self.reference)
        if "content" in self.metrics and self.truth is not None:
            for name, metric in CONTENT.items():
                differences = [metric(edits[k], self.truth[k]) for k in range(count)]
                rows += self.per_bit(name, np.array([difference.mean() for difference in differences]), n)
                rows += self.per_domain(name, differences[0], self.targets[0])
        table = pd.DataFrame(rows, columns=COLUMNS)
        if set(values) == {0, 1}:
            return table
        return table[table.scope.isin([f"{self.dataset.attributes[0]}={value}" for value in values])]

    def references(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """The rows that every table prints, by name.

        "copy input": the test pictures themselves in place of edits. "ground truth": the counterfactuals, where known.
        "real": accuracy on real test pictures, and the Frechet floor, half of the training set against the test set.
        "majority": accuracy of always answering the more frequent value.
        """
        n = len(self.test)
        yield "copy input", self.of(np.broadcast_to(self.test.images, (len(self.targets), *self.test.images.shape)))
        if self.truth is not None:
            yield "ground truth", self.of(self.truth)
        hits = self.predicted == self.bits.astype(bool)
        accuracy = self.per_bit("accuracy", hits.mean(axis=0), n) + self.per_domain("accuracy", hits[:, 0], self.bits)
        test = self.reference[f"{self.metric}_test_self"]
        floor = self.distances(test, {name: self.half for name in self.reference})
        yield "real", pd.DataFrame(accuracy + floor, columns=COLUMNS)
        share = self.bits.mean(axis=0)
        yield "majority", pd.DataFrame(self.per_bit("accuracy", np.maximum(share, 1 - share), n), columns=COLUMNS)

    def distances(self, judged: dict[str, Gaussian], real: dict[str, dict[str, Gaussian]]) -> Rows:
        """Frechet distances of every domain to every reference set."""
        return [
            (metric, scope, frechet_distance(judged[scope], domains[scope]), judged[scope].samples)
            for metric, domains in real.items()
            for scope in judged
            if scope in domains
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
