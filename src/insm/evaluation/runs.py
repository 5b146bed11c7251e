"""The numbers of one run, or of a reference row, on one split, and what is kept of its edits."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from insm.evaluation.evaluator import Evaluation, Report
from insm.evaluation.gathered import FINISHED
from insm.evaluation.log_measures import log_measures
from insm.evaluation.metrics.accuracy import edit_hits, kept_labels
from insm.evaluation.metrics.possible import over_possible
from insm.evaluation.networks import classify
from insm.evaluation.outcomes import NUMBERS, image_values, numbers_of
from insm.evaluation.scopes import COLUMNS
from insm.evaluation.translations import Stack
from insm.networks.classifier import Classifier

SEEN = ("accuracy", "accuracy_possible", "preservation", "target_accuracy")  # by a classifier; others need none


class Measured(NamedTuple):
    """What is written of a run."""

    numbers: pd.DataFrame
    """Columns `outcomes.NUMBERS`; step is that of a snapshot, or `FINISHED`; classifier 0 where one is enough."""
    outcomes: pd.DataFrame
    """Of edits: image, attribute, then `evaluator.PER_IMAGE`. Of images: split, image, then metrics."""

    @classmethod
    def joined(cls, parts: Sequence["Measured"]) -> "Measured":
        """Those of several splits below each other."""
        numbers, outcomes = (pd.concat(tables, ignore_index=True) for tables in zip(*parts, strict=True))
        return cls(numbers, outcomes)


def of_edits(report: Report, split: str) -> Measured:
    """A report as it is, with values of every edit."""
    return Measured(report.numbers.assign(split=split, step=FINISHED, classifier=0)[NUMBERS], report.outcomes)


def of_images(
    evaluation: Evaluation,
    report: Report,
    edits: np.ndarray | None,
    split: str,
    others: Sequence[Classifier] = (),
    step: int = FINISHED,
) -> Measured:
    """A report with values of images instead of edits, and what further classifiers say.

    Args:
        evaluation: of the split.
        report: of the same edits.
        edits: uint8 [A, N, S, S, 3]; None where there are none, as for real images.
        split: its name.
        others: the second classifier and so on.
        step: of a snapshot.
    """
    if edits is None:
        return Measured(report.numbers.assign(split=split, step=step, classifier=0)[NUMBERS], pd.DataFrame())
    values = {(name, int(name in SEEN)): each.astype(float) for name, each in report.values.items()}
    for number, classifier in enumerate(others, start=2):
        known = seen_by(evaluation, classifier, edits)
        values |= {(name, number): known[name] for name in known if name in report.values}
    measured = {metric for metric, _ in values}
    rest = report.numbers[~report.numbers.metric.isin(measured)].assign(split=split, step=step, classifier=0)[NUMBERS]
    numbers = pd.concat([numbers_of(values, evaluation, split, step), rest], ignore_index=True)
    return Measured(numbers, image_values(values, split))


def of_log(log: pd.DataFrame, beside: Measured) -> Measured:
    """Numbers of a training's log (`log_measures`), as a part beside another one."""
    rows = pd.DataFrame(log_measures(log), columns=COLUMNS).assign(split="train", step=FINISHED, classifier=0)
    return Measured(rows[NUMBERS], beside.outcomes[:0])


def seen_by(evaluation: Evaluation, classifier: Classifier, edits: np.ndarray) -> dict[str, np.ndarray]:
    """What another classifier says of single edits: values [A, N] by metric, NaN where an edit does not count."""
    logits, _ = classify(classifier, Stack(edits))
    predicted, targets = logits.reshape(evaluation.targets.shape) > 0, evaluation.targets
    hits = over_possible(edit_hits(predicted, targets).astype(float), evaluation.counted)
    kept, left = kept_labels(predicted, evaluation.labels, targets)
    return {
        "accuracy": hits,
        "accuracy_possible": over_possible(hits, evaluation.possible),
        "preservation": np.divide(kept, left, out=np.full(kept.shape, np.nan), where=left > 0),
    }
