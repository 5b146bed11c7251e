"""What is written of a run by several classifiers: distances between sets and full target labels too."""

import numpy as np
import pytest

from insm.data.edits import permuted, toggled
from insm.evaluation.evaluator import Evaluation
from insm.evaluation.networks import EvaluationNetworks
from insm.evaluation.runs import asked, of_images
from insm.evaluation.translations import Translations
from tests.evaluation.small import NETWORKS, THREE, Reader, image, make

METRICS = ["accuracy", "possible", "preservation", "frechet", "content"]


class Contrary(Reader):
    """Reads the opposite of what is there, with features twice as large."""

    def classify(self, image):
        logits, features = super().classify(image)
        return -logits, 2 * features


@pytest.fixture
def evaluations():
    """Evaluations of 20 images by a classifier that reads well, and by one that reads the opposite."""
    rng = np.random.default_rng(0)
    labels = np.stack([rng.permutation(20) < 8, np.zeros(20), rng.permutation(20) < 5], axis=1).astype(np.uint8)
    test = make(THREE, labels)
    truth = Translations(
        *(np.stack([image(t, test.images) for t in f(labels)]) for f in (lambda b: toggled(b, THREE), permuted))
    )
    judges = NETWORKS[3], EvaluationNetworks(Contrary(3))
    wanted = METRICS, asked(METRICS, own_features=True)
    return [
        Evaluation(judge, THREE, make(THREE, labels, seed=1), test, truth, metrics)
        for judge, metrics in zip(judges, wanted, strict=True)
    ]


def test_every_classifier_says_what_it_sees(evaluations):
    truth = evaluations[0].truth
    report, other = (each.of(truth) for each in evaluations)
    measured = of_images(evaluations[0], report, "test", [other])
    values = measured.numbers[measured.numbers.scope.isin(["mean", "all"])].set_index(["metric", "classifier"]).value
    for metric in ("accuracy", "accuracy_possible", "target_accuracy"):
        assert (values[(metric, 1)], values[(metric, 2)]) == (1, 0), metric
    assert values[("counterfactual_l1", 0)] == 0, "no classifier takes part"
    for distance in ("frechet_classifier_perm_train", "frechet_classifier_toggle_train"):
        assert values[(distance, 2)] == pytest.approx(4 * values[(distance, 1)]), "of features twice as large"
        assert (distance, 0) not in values
    assert {"target_accuracy@1", "target_accuracy@2", "preservation@2"} <= {*measured.outcomes}


def test_one_classifier_has_no_number(evaluations):
    report = evaluations[0].of(evaluations[0].truth)
    numbers = of_images(evaluations[0], report, "test").numbers
    assert set(numbers[numbers.metric.str.startswith("frechet")].classifier) == {0}


def test_distances_of_other_features_are_measured_once():
    assert asked(METRICS, own_features=False) == ["accuracy", "possible", "preservation"]
    assert asked(["accuracy", "kernel"], own_features=True) == ["accuracy", "kernel"]
