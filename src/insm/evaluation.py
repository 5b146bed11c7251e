"""Judging edits: pure functions from pictures to a tidy table of numbers."""

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from insm.datasets.base import Dataset
from insm.edits import permuted, toggled
from insm.judges import Judges
from insm.metrics import content
from insm.metrics.accuracy import edit_hits, group_means, kept_bits
from insm.metrics.calibration import calibration_error
from insm.metrics.distances import DISTANCES
from insm.metrics.identity import identity_distance
from insm.pack import Pack

COLUMNS = ["metric", "scope", "value", "samples"]
CONTENT = {"counterfactual_l1": content.l1, "counterfactual_psnr": content.psnr, "counterfactual_ssim": content.ssim}
COMPARED = (
    "accuracy",
    "preservation",
    "counterfactual_l1",
    "identity",
)  # metrics whose values of every picture are kept
Rows = list[tuple[str, str, float, int]]


class Domain(NamedTuple):
    """Pictures of one domain."""

    samples: int
    summaries: dict[str, Any]  # by the name of the distance


class Report(NamedTuple):
    """What is known of the edits of one run, or of a reference row."""

    numbers: pd.DataFrame  # metric, scope (a bit, "group:<name>", "mean", or the domain asked for), value, samples
    outcomes: pd.DataFrame  # picture, bit, then for its edit those of COMPARED


class Pictures(NamedTuple):
    """Translations of all test pictures, each uint8 [., N, S, S, 3]."""

    edits: np.ndarray  # [A, ...]: picture n with bit k toggled in edits[k, n]
    permuted: np.ndarray | None = None  # [P, ...]: with the labels of `edits.permuted`; None: not known


def ground_truth(pack: Pack, dataset: Dataset) -> Pictures | None:
    """The true pictures: rendered, or for single edits the partner in a paired set, or None."""
    bits = pack.labels(dataset.attributes)
    rendered = [
        [dataset.counterfactual(pack.table, target, pack.size) for target in targets]
        for targets in (toggled(bits, dataset), permuted(bits))
    ]
    if rendered[0][0] is not None:
        return Pictures(*(np.array(p, dtype=np.uint8).reshape(len(p), *pack.images.shape) for p in rendered))
    if dataset.paired:  # one bit, so its toggle leads to the partner
        return Pictures(np.asarray(pack.images[pack.table["pair"].to_numpy()])[None])
    return None


class Evaluation:
    """Judges the edits of one task's test pictures.

    Args:
        judges: the networks that look at pictures.
        train, test: the task's packs; both are reference sets of the distances between sets.
        truth: the exact counterfactuals, or None.
        metrics: which to compute, of those that the key `metrics` of a study knows.
    """

    def __init__(
        self,
        judges: Judges,
        dataset: Dataset,
        train: Pack,
        test: Pack,
        truth: Pictures | None,
        metrics: Collection[str],
    ):
        self.judges, self.dataset, self.test, self.truth, self.metrics = judges, dataset, test, truth, metrics
        self.kinds = {judges.names[kind]: distance for kind, distance in DISTANCES.items() if kind in metrics}
        self.bits = test.labels(dataset.attributes)
        self.targets, self.permuted = toggled(self.bits, dataset), permuted(self.bits)
        self.logits, test_features = judges(test.images)
        self.people = judges.recognise(test.images) if "identity" in metrics else None
        train_features, train_bits = judges(train.images)[1], train.labels(dataset.attributes)
        trained = dict(self.domains(train_features, train_bits))
        self.references_of_edits = {"toggle_train": trained, "test_self": dict(self.domains(test_features, self.bits))}
        self.references_of_labels = {"perm_train": trained} if len(self.permuted) else {}
        half = np.random.default_rng(0).permutation(len(train))[: len(train) // 2]
        self.half = dict(self.domains(train_features[half], train_bits[half]))

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

    def of(self, pictures: Pictures, values: Collection[int] = (0, 1)) -> Report:
        """All metrics of translations of the test pictures.

        Args:
            pictures: the translations.
            values: of the only bit of a two-domain task, those that the edits translate to. Where one is missing, there
                are rows of the other domain alone: a mean over both would count pictures that nobody translated.
        """
        edits, (count, n) = pictures.edits, self.targets.shape[:2]
        logits, features = self.judges(edits.reshape(count * n, *edits.shape[2:]))
        predicted = logits.reshape(self.targets.shape) > 0
        outcomes = {}  # by metric: [A, N]
        rows: Rows = []
        if "accuracy" in self.metrics:
            outcomes["accuracy"] = edit_hits(predicted, self.targets)
        if "preservation" in self.metrics and count > 1:
            kept, left = kept_bits(predicted, self.bits, self.targets)
            outcomes["preservation"] = np.divide(kept, left, out=np.full(kept.shape, np.nan), where=left > 0)
        if "identity" in self.metrics:
            points = self.judges.recognise(edits.reshape(count * n, *edits.shape[2:]))
            outcomes["identity"] = identity_distance(points.reshape(count, n, -1), self.people)
        outcomes |= self.content(edits)
        for name, found in outcomes.items():
            rows += self.per_bit(name, np.nanmean(found, axis=1), n)
            rows += self.per_domain(name, found[0], self.targets[0])
        fakes = dict(self.domains(features, self.targets.reshape(count * n, count)))
        rows += self.distances(fakes, self.references_of_edits)
        if pictures.permuted is not None and len(self.permuted):
            rows += self.of_permuted(pictures.permuted)
        table, each = pd.DataFrame(rows, columns=COLUMNS), self.each(outcomes)
        if set(values) == {0, 1}:
            return Report(table, each)
        wanted = table.scope.isin([f"{self.dataset.attributes[0]}={value}" for value in values])
        return Report(table[wanted], each[np.isin(self.targets[0, each.picture, 0], list(values))])

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

    def of_permuted(self, pictures: np.ndarray) -> Rows:
        """Metrics of translations [P, N, S, S, 3] to other pictures' labels: all bits count, also those that stay."""
        logits, features = self.judges(pictures.reshape(-1, *pictures.shape[2:]))
        targets = self.permuted.reshape(logits.shape)
        hits = (logits > 0) == targets.astype(bool)
        rows = self.per_bit("target_accuracy", hits.mean(axis=0), len(hits)) if "accuracy" in self.metrics else []
        return rows + self.distances(dict(self.domains(features, targets)), self.references_of_labels)

    def references(self) -> Iterator[tuple[str, Report]]:
        """The rows that every table prints, by name.

        "copy input": the test pictures themselves in place of edits. "ground truth": the counterfactuals, where known.
        "real": the classifier's accuracy and calibration on untouched test pictures, the identity distance of different
        pictures, and the floor of distances between sets, half of the training set against the test's.
        "majority": accuracy of always answering the more frequent value.
        """
        n, own = len(self.test), self.test.images
        yield (
            "copy input",
            self.of(Pictures(*(np.broadcast_to(own, (len(t), *own.shape)) for t in (self.targets, self.permuted)))),
        )
        if self.truth is not None:
            yield "ground truth", self.of(self.truth)
        hits = (self.logits > 0) == self.bits.astype(bool)
        rows = self.per_bit("accuracy", hits.mean(axis=0), n)
        rows += self.per_domain("accuracy", hits[:, 0], self.bits)
        calibration = [calibration_error(*columns) for columns in zip(self.logits.T, self.bits.T, strict=True)]
        rows += self.per_bit("calibration_error", np.array(calibration), n)
        if self.people is not None:
            others = np.roll(self.people, 2, axis=0)  # the first and second picture of a pair stand side by side
            rows.append(("identity", "mean", float(identity_distance(self.people, others).mean()), n))
        floors = dict.fromkeys([*self.references_of_edits, *self.references_of_labels], self.half)
        rows += self.distances(self.references_of_edits["test_self"], floors)
        yield "real", Report(pd.DataFrame(rows, columns=COLUMNS), self.each({"accuracy": hits.T}))
        share = self.bits.mean(axis=0)
        rows = self.per_bit("accuracy", np.maximum(share, 1 - share), n)
        yield "majority", Report(pd.DataFrame(rows, columns=COLUMNS), self.each({}))

    def each(self, outcomes: dict[str, np.ndarray]) -> pd.DataFrame:
        """Outcomes [A, N] by metric -> a row per picture and bit, for content L1 alone."""
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
