"""What is measured where little can be: few images of a domain, one kind of metric, images of exactly one domain."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from insm.data.edits import counted, toggled
from insm.evaluation import evaluator
from insm.evaluation import networks as evaluation_networks
from insm.evaluation.comparison import by_variant
from insm.evaluation.evaluator import Evaluation
from insm.evaluation.extractor import Features
from insm.evaluation.gathered import gather_outcomes
from insm.evaluation.metrics.distances import DISTANCES
from insm.evaluation.networks import EvaluationNetworks
from insm.evaluation.references import references
from insm.evaluation.runs import of_edits
from insm.evaluation.scopes import Scopes
from insm.evaluation.set_distances import SetDistances
from insm.evaluation.translations import Stack, Translations
from tests.evaluation.small import ALL, NETWORKS, ONE, THREE, image, make, numbers

DOMAINS = SimpleNamespace(
    attributes=("angry", "happy", "neutral"), exclusive=(("angry", "happy", "neutral"),),
    exactly_one=(("angry", "happy", "neutral"),), groups={name: (name,) for name in ("angry", "happy", "neutral")},
    paired=False, counterfactual=lambda *_: None,
)  # fmt: skip


def test_a_distance_needs_its_least_number_of_images_and_is_left_out_below_it():
    """Two images have a covariance, but no kernel distance with a standard error; one has neither."""
    labels = np.array([[1]] * 2 + [[0]] * 9)
    features = np.random.default_rng(0).normal(size=(11, 4))
    sets = SetDistances(DISTANCES, Scopes(ONE)).summarise(features, labels)
    assert sets["Photo=1"].summaries.keys() == {"frechet"} and sets["Photo=1"].samples == 2
    assert sets["Photo=0"].summaries.keys() == {"frechet", "kernel"}
    rows = SetDistances(DISTANCES, Scopes(ONE)).rows(sets, {"self": sets})
    assert [(metric, scope) for metric, scope, *_ in rows] == [
        ("frechet_self", "Photo=1"), ("frechet_self", "Photo=0"),
        ("kernel_self", "Photo=0"), ("kernel_self_error", "Photo=0"),
    ]  # fmt: skip
    assert SetDistances(DISTANCES, Scopes(ONE)).summarise(features[1:2], labels[1:2]) == {}


def test_two_test_images_of_a_domain_are_evaluated_without_its_kernel_distance():
    labels = np.array([[1]] * 2 + [[0]] * 7, dtype=np.uint8)
    train, test = make(ONE, np.tile(labels, (3, 1)), seed=1), make(ONE, labels)
    evaluation = Evaluation(NETWORKS[1], ONE, train, test, None, (*ALL, "kernel"))
    table = evaluation.of(Translations(test.images[None])).numbers
    assert numbers(table, "kernel_classifier_toggle_train").keys() == {"Photo=1"}, "seven images are to become photos"
    assert numbers(table, "frechet_classifier_toggle_train").keys() == {"Photo=1", "Photo=0"}
    assert [name for name, _ in references(evaluation)] == ["no edit", "real", "majority"]


@pytest.mark.parametrize("metric", [*ALL, "kernel"])
def test_every_metric_can_be_measured_alone(metric):
    labels = np.random.default_rng(0).permutation(np.eye(3, dtype=np.uint8).repeat(4, axis=0))
    test = make(THREE, labels)
    targets = toggled(labels, THREE)
    truth = np.stack([image(target, test.images) for target in targets])
    evaluation = Evaluation(NETWORKS[3], THREE, make(THREE, labels, seed=1), test, Translations(truth), (metric,))
    measured = of_edits(evaluation.of(Translations(truth, np.stack([test.images] * 10))), "test")
    names = {name.split("_")[0] for name in measured.numbers.metric}
    expected = {"content": {"counterfactual"}, "accuracy": {"accuracy", "target"}}.get(metric, {metric})
    assert names == expected
    columns, values = by_variant(gather_outcomes([measured.outcomes.assign(variant="mine", seed="0")]))
    per_image = {"content": "counterfactual_l1"}.get(metric, metric)
    known = [column for column, value in zip(columns, values.get("mine", np.empty((0, 0, 0))).T, strict=False) if
             not np.isnan(value).all()]  # fmt: skip
    assert {name for name, _ in known} == ({per_image} if metric not in ("frechet", "kernel") else set())


def test_an_edit_that_asks_for_no_domain_at_all_does_not_count():
    """Of an angry face, switching angry off leaves no domain; switching happy or neutral on counts."""
    labels = np.eye(3, dtype=np.uint8)[[0, 0, 1, 2, 2, 2]]
    targets = toggled(labels, DOMAINS)
    assert (counted(targets, DOMAINS) == (labels.T == 0)).all()
    assert counted(toggled(labels, THREE), THREE).all(), "hair may have none of the colours"


def test_scores_of_domains_are_of_the_edits_that_count():
    """Right where an edit counts and wrong elsewhere: every score is perfect, of so many edits."""
    labels = np.eye(3, dtype=np.uint8)[[0, 0, 1, 2, 2, 2]]
    test = make(DOMAINS, labels)
    targets = toggled(labels, DOMAINS)
    right = np.stack([image(target, test.images) for target in targets])
    edits = np.where((labels.T == 0)[..., None, None, None], right, test.images)
    truth = Translations(right)
    evaluation = Evaluation(NETWORKS[3], DOMAINS, make(DOMAINS, labels, seed=1), test, truth, ALL)
    report = evaluation.of(Translations(edits))
    table = report.numbers.set_index(["metric", "scope"])
    assert table.loc[("accuracy", "mean"), "value"] == 1
    assert table.samples["accuracy"].to_dict() == {
        "angry": 4, "happy": 5, "neutral": 3, "group:angry": 4, "group:happy": 5, "group:neutral": 3, "mean": 5
    }  # fmt: skip
    assert table.value["counterfactual_l1"].eq(0).all() and table.value["preservation"].eq(1).all()
    frechet = table.loc[("frechet_classifier_test_self", "all")]
    assert frechet.samples == 12, "features of the twelve edits that count"
    known = report.outcomes.accuracy.notna().to_numpy().reshape(3, 6)
    assert (known == (labels.T == 0)).all()


def test_stacked_arrays_are_read_like_one_without_a_copy():
    arrays = np.arange(2 * 5 * 3).reshape(2, 5, 3)
    stack, flat = Stack(arrays), arrays.reshape(10, 3)
    assert len(stack) == 10 and stack.shape == flat.shape
    for start in range(0, 12, 4):
        assert (stack[start : start + 4] == flat[start : start + 4]).all()
    assert (stack[:] == flat).all() and stack[4:4].shape == (0, 3)
    repeated = Stack(np.broadcast_to(arrays[0], (1000, 5, 3)))
    assert repeated.arrays.base is not None and (repeated[4:7] == arrays[0][[4, 0, 1]]).all()


def test_images_are_in_memory_some_at_a_time_and_the_numbers_stay(monkeypatch):
    """However many test images there are, networks and metrics get a few at once."""
    labels = np.random.default_rng(0).permutation(np.eye(3, dtype=np.uint8).repeat(4, axis=0))
    test, train = make(THREE, labels), make(THREE, labels, seed=1)
    truth = Translations(np.stack([image(target, test.images) for target in toggled(labels, THREE)]))
    most = []

    def extract(images):
        most.append(len(images))
        return images.mean(axis=(1, 2))

    features = Features(extract, {"frechet": "frechet_colours", "kernel": "kernel_colours"})
    networks = EvaluationNetworks(NETWORKS[3].classifier, features, NETWORKS[3].identity_encoder)
    edits = Translations(255 - truth.edits, np.stack([test.images] * 10))

    def measure():
        return Evaluation(networks, THREE, train, test, truth, (*ALL, "kernel")).of(edits)

    whole = measure()
    assert max(most) > 5
    most.clear()
    for module in (evaluator, evaluation_networks):
        monkeypatch.setattr(module, "CHUNK", 5)
    parts = measure()
    assert max(most) == 5
    pd.testing.assert_frame_equal(parts.numbers, whole.numbers, check_exact=True)
    pd.testing.assert_frame_equal(parts.outcomes, whole.outcomes, check_exact=True)
