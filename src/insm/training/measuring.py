"""Measuring finished models, their snapshots and the reference rows on the splits of one task."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from insm.data.dataset import Dataset, load_dataset
from insm.data.prepared_split import PreparedSplit, load_split
from insm.evaluation.evaluator import Evaluation
from insm.evaluation.examples import Examples, examples_of, save_examples
from insm.evaluation.networks import EvaluationNetworks
from insm.evaluation.references import references
from insm.evaluation.runs import Measured, of_edits, of_images
from insm.evaluation.translations import Translations
from insm.networks.classifier import Classifier
from insm.support.files import load_array, save_array
from insm.training.translator import Translator

BACK = 500  # images of a split whose edits are edited back


class Task:
    """What the evaluations of a task's splits have in common.

    Args:
        settings: dataset, metrics, features, labels, outcomes, as a study has them.
        networks: the first classifier and what else looks at images.
        others: further classifiers, for accuracy and preservation.
        train: the training split.
        train_features: what `networks` make of it, if it is known.
    """

    def __init__(
        self,
        settings: dict[str, Any],
        networks: EvaluationNetworks,
        others: list[Classifier],
        train: PreparedSplit,
        train_features: np.ndarray | None,
    ):
        self.settings, self.networks, self.others, self.train = settings, networks, others, train
        self.dataset: Dataset = load_dataset(settings["dataset"])
        self.train_features = train_features
        self.by_image = settings["outcomes"] == "images"

    def evaluation(self, split: Path, truth: Path, permuted: Path | None, labels: bool = False) -> Evaluation:
        """Of one split with its counterfactuals; full target labels where `permuted` is given, or `labels` is true."""
        known = Translations(load_array(truth), load_array(permuted) if permuted else None)
        evaluation = Evaluation(
            self.networks, self.dataset, self.train, load_split(split), known if known.edits.size else None,
            self.settings["metrics"], self.train_features, self.settings["labels"] if permuted or labels else 0,
        )  # fmt: skip
        self.train_features = evaluation.train_features
        evaluation.check(known, truth)
        return evaluation

    def run(
        self, evaluation: Evaluation, translator: Translator, name: str, edits: Path | None, examples: Path | None
    ) -> Measured:
        """A finished run on one split; its single edits are written to `edits`, a few to `examples`."""
        made = self.translations(evaluation, translator)
        report = evaluation.of(made, translator.method.config.translates_to)
        if edits:
            save_array(made.edits, edits)
        if examples:
            save_examples(self.examples(evaluation, made.edits), examples)
        if not self.by_image:
            return of_edits(report, name)
        return of_images(evaluation, report, made.edits, name, self.others)

    def snapshot(self, evaluation: Evaluation, translator: Translator, step: int) -> Measured:
        """A point of the learning curve: means over attributes, no values of images."""
        made = self.translations(evaluation, translator)
        report = evaluation.of(made, translator.method.config.translates_to)
        numbers, outcomes = of_images(evaluation, report, made.edits, "validation", step=step)
        return Measured(numbers[numbers.scope.isin(["mean", "all"])], outcomes[:0])

    def translations(self, evaluation: Evaluation, translator: Translator) -> Translations:
        """All translations that the metrics need."""
        config, labels = translator.method.config, evaluation.labels
        edits = translator.to_targets(evaluation.targets)
        permuted = translator.to_targets(evaluation.permuted) if len(evaluation.permuted) else None
        same = back = None
        if {"achieved", "axioms"} & set(evaluation.metrics) and translator.method.reconstructs:
            same = translator.to_targets(labels[None])[0]
        if "axioms" in evaluation.metrics and len(config.translates_to) == 2:
            count = min(BACK, len(labels))
            rows = zip(edits, evaluation.targets, strict=True)
            ways = [translator(edit[:count], target[:count], labels[:count]) for edit, target in rows]
            back = np.stack([np.concatenate([*parts]) for parts in ways])
        return Translations(edits, permuted, same, back)

    def examples(self, evaluation: Evaluation, edits: np.ndarray | None = None) -> Examples:
        """A few images with these edits, or else with the true ones."""
        if edits is None and evaluation.truth is not None:
            edits = evaluation.truth.edits
        return examples_of(np.asarray(evaluation.test.images), evaluation.labels, edits)

    def references(self, evaluation: Evaluation, name: str) -> Iterator[Measured]:
        """The reference rows on one split, named in a column `variant`."""
        images = np.asarray(evaluation.test.images)
        edits = {"no edit": np.broadcast_to(images, evaluation.targets.shape[:1] + images.shape)}
        if evaluation.truth is not None:
            edits["ground truth"] = evaluation.truth.edits
        for variant, report in references(evaluation):
            known = of_images(evaluation, report, edits.get(variant), name, self.others) if self.by_image else None
            yield Measured(*(table.assign(variant=variant) for table in known or of_edits(report, name)))
