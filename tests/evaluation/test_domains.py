"""The evaluation of tasks of two domains, and of features other than the classifier's."""

import numpy as np
import pandas as pd
import pytest

from insm.data.prepared_split import PreparedSplit
from insm.evaluation.evaluator import Evaluation
from insm.evaluation.extractor import Features
from insm.evaluation.metrics.fid import fid, spread
from insm.evaluation.metrics.identity import identity_distance
from insm.evaluation.metrics.kid import kid
from insm.evaluation.networks import EvaluationNetworks
from insm.evaluation.references import references
from insm.evaluation.translations import Translations, ground_truth
from tests.evaluation.small import ALL, NETWORKS, ONE, Colours, Reader, image, make, numbers


def test_strangers_are_never_partners():
    """Pairs stand side by side, and look alike to the identity encoder; strangers do not."""
    labels = (np.arange(24, dtype=np.uint8) % 2)[:, None]
    split = make(ONE, labels)
    alike = PreparedSplit(split.images[np.arange(24) // 2 * 2], split.table)
    evaluation = Evaluation(NETWORKS[1], ONE, alike, alike, None, ("identity",))
    found = dict(references(evaluation))["real"].numbers
    others = alike.images[(np.arange(24) // 2 * 2 + 2) % 24]
    points = [evaluation.networks.identify(images) for images in (alike.images, others)]
    assert numbers(found, "identity")["mean"] == pytest.approx(identity_distance(*points).mean()) and points[0].any()


def test_true_pairs_are_at_no_frechet_distance_from_their_domains():
    labels = (np.arange(24, dtype=np.uint8) % 2)[:, None]
    plain = make(ONE, labels)
    split = PreparedSplit(plain.images, plain.table.assign(pair=np.arange(24) ^ 1))
    truth = ground_truth(split, ONE)
    assert (truth.edits[0] == split.images[np.arange(24) ^ 1]).all() and truth.permuted is None
    evaluation = Evaluation(NETWORKS[1], ONE, split, split, truth, ALL)
    table = evaluation.of(truth).numbers
    for metric in ("frechet_classifier_test_self", "frechet_classifier_toggle_train"):
        assert numbers(table, metric) == pytest.approx({"Photo=1": 0, "Photo=0": 0}, abs=1e-6)
    assert numbers(table, "accuracy") == {"Photo": 1, "group:Domain": 1, "mean": 1, "Photo=1": 1, "Photo=0": 1}
    assert numbers(table, "preservation") == {}, "a single attribute leaves nothing to preserve"
    worse = numbers(evaluation.of(Translations(255 - truth.edits)).numbers, "frechet_classifier_test_self")
    assert min(worse.values()) > 1


def test_directions_of_a_two_domain_task_are_measured_apart():
    labels = (np.arange(24, dtype=np.uint8) % 3 == 0)[:, None]
    split = make(ONE, labels)
    truth = image(1 - labels, split.images)[None]
    one_way = np.where((labels == 0).reshape(1, -1, 1, 1, 1), truth, split.images)  # only edges become photographs
    table = Evaluation(NETWORKS[1], ONE, split, split, Translations(truth), ALL).of(Translations(one_way)).numbers
    assert numbers(table, "accuracy") == pytest.approx(
        {"Photo": 2 / 3, "group:Domain": 2 / 3, "mean": 2 / 3, "Photo=1": 1, "Photo=0": 0}
    )
    assert table[table.scope == "Photo=1"].samples.iloc[0] == 16
    distance = numbers(table, "counterfactual_l1")
    assert distance["Photo=1"] == 0 < distance["Photo=0"]


def test_images_that_a_variant_does_not_translate_are_not_measured():
    """One way only: the rows of that domain, equal to those of a full evaluation, and no mean over both."""
    labels = (np.arange(24, dtype=np.uint8) % 3 == 0)[:, None]
    split = make(ONE, labels)
    evaluation = Evaluation(NETWORKS[1], ONE, split, split, Translations(image(1 - labels, split.images)[None]), ALL)
    edits = Translations(255 - evaluation.truth.edits)
    full = evaluation.of(edits).numbers
    for value, count in ((1, 16), (0, 8)):
        table = evaluation.of(edits, values=(value,)).numbers
        assert set(table.scope) == {f"Photo={value}"} and (table.samples == count).all()
        assert set(table.metric) == set(full.metric)
        pd.testing.assert_frame_equal(table, full[full.scope == f"Photo={value}"])


def test_samples_are_the_images_of_the_domain():
    labels = (np.arange(24, dtype=np.uint8) % 3 == 0)[:, None]
    split = make(ONE, labels)
    evaluation = Evaluation(NETWORKS[1], ONE, split, split, None, ALL)
    table = evaluation.of(Translations(split.images[None])).numbers
    samples = table[table.metric.str.startswith("frechet")].groupby("scope").samples.unique()
    assert samples["Photo=1"].tolist() == [16] and samples["Photo=0"].tolist() == [8], "as asked for, not as given"
    real = dict(references(evaluation))["real"].numbers
    assert real[real.scope == "Photo=1"].samples.unique().tolist() == [8]
    assert numbers(real, "accuracy")["Photo=0"] == 1


def test_other_features_give_their_name_to_every_distance():
    labels = (np.arange(24, dtype=np.uint8) % 3 == 0)[:, None]
    train, test = make(ONE, labels, seed=1), make(ONE, labels)
    colours = Features(lambda images: images.mean(axis=(1, 2)), {"frechet": "fid_clean", "kernel": "kid_clean"})
    networks = EvaluationNetworks(Reader(1), colours, Colours())
    evaluation = Evaluation(networks, ONE, train, test, None, (*ALL, "kernel"))
    edits = 255 - test.images[None]
    table = evaluation.of(Translations(edits)).numbers
    fakes, real = (
        colours.extract(images[rows])
        for images, rows in ((edits[0], labels[:, 0] == 0), (train.images, labels[:, 0] == 1))
    )
    expected = kid(fakes, real, np.random.default_rng(0))
    assert numbers(table, "kid_clean_toggle_train")["Photo=1"] == expected.value
    assert numbers(table, "kid_clean_toggle_train_error")["Photo=1"] == expected.error > 0
    assert numbers(table, "fid_clean_toggle_train")["Photo=1"] == fid(spread(fakes), spread(real))
    kinds = {
        f"{name}_{reference}" for name in ("fid_clean", "kid_clean") for reference in ("toggle_train", "test_self")
    }
    kinds |= {f"{kind}_error" for kind in kinds if kind.startswith("kid")}
    distances = table[table.metric.str.contains("_clean_")]
    assert set(distances.metric) == kinds and set(distances.scope) == {"Photo=1", "Photo=0"}
    assert distances[distances.scope == "Photo=1"].samples.unique().tolist() == [16]
    assert kinds < set(dict(references(evaluation))["real"].numbers.metric), "the floor"
    assert not table.metric.str.contains("classifier").any()
