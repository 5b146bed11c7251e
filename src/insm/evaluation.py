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

    def domains(self, features: np.ndarray, bits: np.ndarray) -> Iterator[tuple[str, Gaussian]]:
        """Moments of features [N, D] per domain: everything together, or each value of the only bit."""
        if bits.shape[1] > 1:
            yield "all", moments(features)
            return
        for value in (1, 0):
            if (bits[:, 0] == value).sum() > 1:
                yield f"{self.dataset.attributes[0]}={value}", moments(features[bits[:, 0] == value])

    def of(self, edits: np.ndarray) -> pd.DataFrame:
        """All metrics of edits uint8 [A, N, S, S, 3], picture n with bit k toggled in edits[k, n].

        Returns:
            Rows (metric, scope, value, samples); scope is a bit, "group:<name>", "mean", or the domain asked for.
        """
        count, n = self.targets.shape[:2]
        bits, features = self.judge(edits.reshape(count * n, *edits.shape[2:]))
        predicted = bits.reshape(self.targets.shape)
        rows: Rows = []
        if "accuracy" in self.metrics:
            rows += self.per_bit("accuracy", edit_accuracy(predicted, self.targets), n)
            rows += self.per_direction("accuracy", (predicted == self.targets)[0, :, 0])
        if "preservation" in self.metrics and count > 1:
            rows += self.per_bit("preservation", preservation(predicted, self.bits, self.targets), n)
        if "frechet" in self.metrics:
            fakes = dict(self.domains(features, self.targets.reshape(count * n, count)))
            rows += self.distances(fakes, self.reference, count * n)
        if "content" in self.metrics and self.truth is not None:
            for name, metric in CONTENT.items():
                values = [metric(edits[k], self.truth[k]) for k in range(count)]
                rows += self.per_bit(name, np.array([value.mean() for value in values]), n)
                rows += self.per_direction(name, values[0])
        return pd.DataFrame(rows, columns=COLUMNS)

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
        hits = (self.predicted == self.bits.astype(bool)).mean(axis=0)
        test = self.reference[f"{self.metric}_test_self"]
        floor = self.distances(self.half, {name: test for name in self.reference}, n)
        yield "real", pd.DataFrame(self.per_bit("accuracy", hits, n) + floor, columns=COLUMNS)
        share = self.bits.mean(axis=0)
        yield "majority", pd.DataFrame(self.per_bit("accuracy", np.maximum(share, 1 - share), n), columns=COLUMNS)

    def distances(self, fakes: dict[str, Gaussian], real: dict[str, dict[str, Gaussian]], samples: int) -> Rows:
        """Frechet distances of every domain to every reference set."""
        return [
            (metric, scope, frechet_distance(fakes[scope], domains[scope]), samples)
            for metric, domains in real.items()
            for scope in fakes
            if scope in domains
        ]

    def per_direction(self, metric: str, values: np.ndarray) -> Rows:
        """Rows of one metric, values [N], of a one-bit task: the pictures translated to either domain."""
        if self.targets.shape[2] > 1:
            return []
        target = self.targets[0, :, 0]
        return [
            (metric, f"{self.dataset.attributes[0]}={value}", float(values[target == value].mean()), int(total))
            for value in (1, 0)
            if (total := (target == value).sum())
        ]

    def per_bit(self, metric: str, values: np.ndarray, samples: int) -> Rows:
        """Rows of one metric: each bit, each group of bits, the mean over bits."""
        named = dict(zip(self.dataset.attributes, map(float, values), strict=True))
        groups = {f"group:{name}": value for name, value in group_means(named, self.dataset.groups).items()}
        return [
            (metric, scope, value, samples) for scope, value in (named | groups | {"mean": np.mean(values)}).items()
        ]
