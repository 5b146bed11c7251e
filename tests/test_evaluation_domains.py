"""The evaluation of tasks of two domains, and of features other than the classifier's."""

import numpy as np
import pandas as pd
import pytest
from small_evaluation import ALL, JUDGES, ONE, Colours, Reader, make, numbers, picture

from insm.evaluation import Evaluation, Pictures, ground_truth
from insm.extractors.base import Features
from insm.judges import Judges
from insm.metrics.fid import fid, spread
from insm.metrics.identity import identity_distance
from insm.metrics.kid import kid
from insm.pack import Pack


def test_strangers_are_never_partners():
    """Pairs stand side by side, and look alike to the recogniser; strangers do not."""
    bits = (np.arange(24, dtype=np.uint8) % 2)[:, None]
    pack = make(ONE, bits)
    alike = Pack(pack.images[np.arange(24) // 2 * 2], pack.table)
    evaluation = Evaluation(JUDGES[1], ONE, alike, alike, None, ("identity",))
    found = dict(evaluation.references())["real"].numbers
    others = alike.images[(np.arange(24) // 2 * 2 + 2) % 24]
    points = [evaluation.judges.recognise(images) for images in (alike.images, others)]
    assert numbers(found, "identity")["mean"] == pytest.approx(identity_distance(*points).mean()) and points[0].any()


def test_true_pairs_are_at_no_frechet_distance_from_their_domains():
    bits = (np.arange(24, dtype=np.uint8) % 2)[:, None]
    plain = make(ONE, bits)
    pack = Pack(plain.images, plain.table.assign(pair=np.arange(24) ^ 1))
    truth = ground_truth(pack, ONE)
    assert (truth.edits[0] == pack.images[np.arange(24) ^ 1]).all() and truth.permuted is None
    evaluation = Evaluation(JUDGES[1], ONE, pack, pack, truth, ALL)
    table = evaluation.of(truth).numbers
    for metric in ("frechet_classifier_test_self", "frechet_classifier_toggle_train"):
        assert numbers(table, metric) == pytest.approx({"Photo=1": 0, "Photo=0": 0}, abs=1e-6)
    assert numbers(table, "accuracy") == {"Photo": 1, "group:Domain": 1, "mean": 1, "Photo=1": 1, "Photo=0": 1}
    assert numbers(table, "preservation") == {}, "a single bit leaves nothing to preserve"
    worse = numbers(evaluation.of(Pictures(255 - truth.edits)).numbers, "frechet_classifier_test_self")
    assert min(worse.values()) > 1


def test_directions_of_a_two_domain_task_are_judged_apart():
    bits = (np.arange(24, dtype=np.uint8) % 3 == 0)[:, None]
    pack = make(ONE, bits)
    truth = picture(1 - bits, pack.images)[None]
    one_way = np.where((bits == 0).reshape(1, -1, 1, 1, 1), truth, pack.images)  # only edges become photographs
    table = Evaluation(JUDGES[1], ONE, pack, pack, Pictures(truth), ALL).of(Pictures(one_way)).numbers
    assert numbers(table, "accuracy") == pytest.approx(
        {"Photo": 2 / 3, "group:Domain": 2 / 3, "mean": 2 / 3, "Photo=1": 1, "Photo=0": 0}
    )
    assert table[table.scope == "Photo=1"].samples.iloc[0] == 16
    distance = numbers(table, "counterfactual_l1")
    assert distance["Photo=1"] == 0 < distance["Photo=0"]


def test_pictures_that_an_entry_does_not_translate_are_not_judged():
    """One way only: the rows of that domain, equal to those of a full evaluation, and no mean over both."""
    bits = (np.arange(24, dtype=np.uint8) % 3 == 0)[:, None]
    pack = make(ONE, bits)
    evaluation = Evaluation(JUDGES[1], ONE, pack, pack, Pictures(picture(1 - bits, pack.images)[None]), ALL)
    edits = Pictures(255 - evaluation.truth.edits)
    full = evaluation.of(edits).numbers
    for value, count in ((1, 16), (0, 8)):
        table = evaluation.of(edits, values=(value,)).numbers
        assert set(table.scope) == {f"Photo={value}"} and (table.samples == count).all()
        assert set(table.metric) == set(full.metric)
        pd.testing.assert_frame_equal(table, full[full.scope == f"Photo={value}"])


def test_samples_are_the_pictures_of_the_domain():
    bits = (np.arange(24, dtype=np.uint8) % 3 == 0)[:, None]
    pack = make(ONE, bits)
    evaluation = Evaluation(JUDGES[1], ONE, pack, pack, None, ALL)
    table = evaluation.of(Pictures(pack.images[None])).numbers
    samples = table[table.metric.str.startswith("frechet")].groupby("scope").samples.unique()
    assert samples["Photo=1"].tolist() == [16] and samples["Photo=0"].tolist() == [8], "as asked for, not as given"
    real = dict(evaluation.references())["real"].numbers
    assert real[real.scope == "Photo=1"].samples.unique().tolist() == [8]
    assert numbers(real, "accuracy")["Photo=0"] == 1


def test_other_features_give_their_name_to_every_distance():
    bits = (np.arange(24, dtype=np.uint8) % 3 == 0)[:, None]
    train, test = make(ONE, bits, seed=1), make(ONE, bits)
    colours = Features(lambda images: images.mean(axis=(1, 2)), {"frechet": "fid_clean", "kernel": "kid_clean"})
    judges = Judges(Reader(1), colours, Colours())
    evaluation = Evaluation(judges, ONE, train, test, None, (*ALL, "kernel"))
    edits = 255 - test.images[None]
    table = evaluation.of(Pictures(edits)).numbers
    fakes, real = (
        colours.extract(images[rows]) for images, rows in ((edits[0], bits[:, 0] == 0), (train.images, bits[:, 0] == 1))
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
    assert kinds < set(dict(evaluation.references())["real"].numbers.metric), "the floor"
    assert not table.metric.str.contains("classifier").any()
