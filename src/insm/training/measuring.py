"""Measuring finished models, their snapshots and the reference rows on the splits of one task."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from insm.data.dataset import Dataset, load_dataset
from insm.data.prepared_split import PreparedSplit, load_split
from insm.evaluation.evaluator import Evaluation, Report
from insm.evaluation.examples import Examples, examples_of, save_examples
from insm.evaluation.networks import EvaluationNetworks
from insm.evaluation.references import references
from insm.evaluation.runs import Measured, asked, of_edits, of_images
from insm.evaluation.translations import Translations
from insm.support.files import load_array, save_array
from insm.training.translator import Translator

BACK = 500  # images of a split whose edits are edited back


class Task:
    """What the evaluations of a task's splits have in common.

    Args:
        settings: dataset, metrics, features, labels, outcomes, as a study has them.
        judges: for each evaluation classifier the networks that look at images; the first one's measure everything.
        train: the training split.
        train_features: what each of them makes of it; none where that is not known yet.
    """

    def __init__(
        self,
        settings: dict[str, Any],
        judges: Sequence[EvaluationNetworks],
        train: PreparedSplit,
        train_features: Sequence[np.ndarray] = (),
    ):
        self.settings, self.judges, self.train = settings, judges, train
        self.dataset: Dataset = load_dataset(settings["dataset"])
        self.train_features: list[np.ndarray | None] = [*train_features] or [None] * len(judges)
        self.by_image = settings["outcomes"] == "images"

    def evaluations(
        self, split: Path, truth: Path, permuted: Path | None, labels: bool = False
    ) -> tuple[Evaluation, ...]:
        """Of one split with its counterfactuals, by each classifier.

        Full target labels where `permuted` is given, or `labels` is true.
        """
        images, known = load_split(split), Translations(load_array(truth), load_array(permuted) if permuted else None)
        rounds, made = self.settings["labels"] if permuted or labels else 0, []
        further = asked(self.settings["metrics"], own_features=self.judges[0].features is None)
        for number, networks in enumerate(self.judges):
            made.append(
                Evaluation(
                    networks, self.dataset, self.train, images, known if known.edits.size else None,
                    further if number else self.settings["metrics"], self.train_features[number], rounds,
                )
            )  # fmt: skip
            self.train_features[number] = made[-1].train_features
        made[0].check(known, truth)
        return tuple(made)

    def run(
        self, evaluations: Sequence[Evaluation], translator: Translator, name: str, edits: Path | None,
        examples: Path | None,
    ) -> Measured:  # fmt: skip
        """A finished run on one split; its single edits are written to `edits`, a few to `examples`."""
        evaluation, values = evaluations[0], translator.method.config.translates_to
        made = self.translations(evaluation, translator)
        report, *others = (each.of(made, values) for each in evaluations)
        if edits:
            save_array(made.edits, edits)
        if examples:
            save_examples(self.examples(evaluation, made.edits), examples)
        if not self.by_image:
            return of_edits(report, name)
        return of_images(evaluation, report, name, others)

    def snapshot(self, evaluation: Evaluation, translator: Translator, step: int) -> Measured:
        """A point of the learning curve: means over attributes, no values of images."""
        made = self.translations(evaluation, translator)
        report = evaluation.of(made, translator.method.config.translates_to)
        numbers, outcomes = of_images(evaluation, report, "validation", step=step)
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

    def references(self, evaluations: Sequence[Evaluation], name: str) -> Iterator[Measured]:
        """The reference rows on one split, named in a column `variant`."""
        seen: list[dict[str, Report]] = [dict(references(each)) for each in evaluations]
        for variant, report in seen[0].items():
            others = [known[variant] for known in seen[1:]]
            made = of_images(evaluations[0], report, name, others) if self.by_image else of_edits(report, name)
            yield Measured(*(table.assign(variant=variant) for table in made))
