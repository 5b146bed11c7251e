"""The reference rows of every table: what numbers would be without a method, with the truth, and on real images."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from insm.evaluation.evaluator import Evaluation, Report
from insm.evaluation.metrics.calibration import calibration_error
from insm.evaluation.metrics.identity import identity_distance
from insm.evaluation.scopes import COLUMNS
from insm.evaluation.translations import Translations


def references(evaluation: Evaluation) -> Iterator[tuple[str, Report]]:
    """The reference rows, by name.

    "no edit": the test images themselves in place of edits. "ground truth": the counterfactuals, where known.
    "real": the classifier's accuracy and calibration on untouched test images, the identity distance of different
    images, and the floor of distances between sets, half of the training set against the test's.
    "majority": accuracy of always answering the more frequent value.
    """
    own = evaluation.test.images
    repeated = [np.broadcast_to(own, (len(t), *own.shape)) for t in (evaluation.targets, evaluation.permuted)]
    yield "no edit", evaluation.of(Translations(repeated[0], repeated[1], own, repeated[0]))
    if evaluation.truth is not None:
        yield "ground truth", evaluation.of(evaluation.truth._replace(same=own, back=repeated[0]))
    yield "real", real(evaluation)
    yield "majority", majority(evaluation)


def real(evaluation: Evaluation) -> Report:
    """What the classifier, the identity encoder and the distances say of untouched images."""
    labels, logits, scopes = evaluation.labels, evaluation.logits, evaluation.scopes
    hits = (logits > 0) == labels.astype(bool)
    rows = scopes.per_attribute("accuracy", hits.mean(axis=0), len(labels))
    rows += scopes.per_domain("accuracy", hits[:, 0], labels)
    calibration = [calibration_error(*columns) for columns in zip(logits.T, labels.T, strict=True)]
    rows += scopes.per_attribute("calibration_error", np.array(calibration), len(labels))
    if evaluation.identities is not None:
        others = np.roll(evaluation.identities, 2, axis=0)  # the first and second image of a pair stand side by side
        distance = float(identity_distance(evaluation.identities, others).mean())
        rows.append(("identity", "mean", distance, len(labels)))
    names = [*evaluation.references_of_edits, *evaluation.references_of_labels]
    floors = dict.fromkeys(names, evaluation.half)
    rows += evaluation.distances.rows(evaluation.references_of_edits["test_self"], floors)
    return Report(pd.DataFrame(rows, columns=COLUMNS), evaluation.each({"accuracy": hits.T}))


def majority(evaluation: Evaluation) -> Report:
    """The accuracy of always answering the more frequent value of the test images."""
    fraction = evaluation.labels.mean(axis=0)
    accuracy = np.maximum(fraction, 1 - fraction)
    rows = evaluation.scopes.per_attribute("accuracy", accuracy, len(evaluation.labels))
    return Report(pd.DataFrame(rows, columns=COLUMNS), evaluation.each({}))
