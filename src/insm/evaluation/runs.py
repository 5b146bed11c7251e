"""The numbers of one run, or of a reference row, on one split, and what is kept of its edits."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import pandas as pd

from insm.evaluation.evaluator import Evaluation, Report
from insm.evaluation.gathered import FINISHED
from insm.evaluation.log_measures import log_measures
from insm.evaluation.metrics.distances import DISTANCES
from insm.evaluation.outcomes import NUMBERS, image_values, numbers_of
from insm.evaluation.scopes import COLUMNS

SEEN = ("accuracy", "accuracy_possible", "preservation", "target_accuracy")  # by a classifier; others need none


def asked(metrics: Collection[str], own_features: bool) -> list[str]:
    """Of a study's metrics those that a further classifier measures: distances only where they are of its features."""
    return [
        name
        for name in ("accuracy", "possible", "preservation", *(DISTANCES if own_features else ()))
        if name in metrics
    ]


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
    evaluation: Evaluation, report: Report, split: str, others: Sequence[Report] = (), step: int = FINISHED
) -> Measured:
    """A report with values of images instead of edits, and what further classifiers say.

    Args:
        evaluation: of the split.
        report: by the first classifier; real images and guesses have no values of edits.
        split: its name.
        others: of the same edits by the second classifier and so on, with the metrics `asked`.
        step: of a snapshot.
    """
    if not report.values:
        return Measured(report.numbers.assign(split=split, step=step, classifier=0)[NUMBERS], pd.DataFrame())
    values = {(name, int(name in SEEN)): each.astype(float) for name, each in report.values.items()}
    for number, other in enumerate(others, start=2):
        values |= {(name, number): other.values[name].astype(float) for name in SEEN if name in other.values}
    tables = [numbers_of(values, evaluation, split, step)]
    for number, one in enumerate((report, *others), start=1):  # distances between sets
        rest = one.numbers[~one.numbers.metric.isin({metric for metric, _ in values})]
        tables.append(rest.assign(split=split, step=step, classifier=number if others else 0)[NUMBERS])
    return Measured(pd.concat(tables, ignore_index=True), image_values(values, split))


def of_log(log: pd.DataFrame, beside: Measured) -> Measured:
    """Numbers of a training's log (`log_measures`), as a part beside another one."""
    rows = pd.DataFrame(log_measures(log), columns=COLUMNS).assign(split="train", step=FINISHED, classifier=0)
    return Measured(rows[NUMBERS], beside.outcomes[:0])
