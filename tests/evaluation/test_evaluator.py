"""The evaluation of faces, by a classifier that reads attributes off the image. Two domains: test_domains.py."""

import dataclasses

import numpy as np
import pytest

from insm.data.edits import permuted, toggled
from insm.evaluation.evaluator import Evaluation
from insm.evaluation.metrics.calibration import calibration_error
from insm.evaluation.networks import classify
from insm.evaluation.references import references
from insm.evaluation.translations import Translations, ground_truth
from tests.evaluation.small import ALL, NETWORKS, THREE, image, make, numbers


@pytest.fixture
def faces():
    """Evaluation of 20 images of three attributes with exact counterfactuals; the classifier misreads some labels."""
    rng = np.random.default_rng(0)
    labels = np.stack([rng.permutation(20) < 8, np.zeros(20), rng.permutation(20) < 5], axis=1).astype(np.uint8)
    read = labels.copy()
    read[:3, 2] = 1 - read[:3, 2]
    test = make(THREE, labels, read)
    truth = Translations(
        *(
            np.stack([image(target, test.images) for target in f(labels)])
            for f in (lambda b: toggled(b, THREE), permuted)
        )
    )
    return Evaluation(NETWORKS[3], THREE, make(THREE, labels, seed=1), test, truth, ALL)


def test_perfect_edits_are_perfect(faces):
    table = faces.of(faces.truth).numbers
    perfect = {"accuracy": 1, "preservation": 1, "counterfactual_l1": 0, "counterfactual_psnr": 60,
               "counterfactual_ssim": 1, "target_accuracy": 1}  # fmt: skip
    for metric, value in perfect.items():
        expected = dict.fromkeys(["Black", "Blond", "Smiling", "group:Hair", "group:Smile", "mean"], value)
        assert numbers(table, metric) == pytest.approx(expected), metric
    assert (table[table.metric.isin(perfect) & (table.metric != "target_accuracy")].samples == 20).all()
    assert (table[table.metric == "target_accuracy"].samples == 200).all(), "ten labels each"


def test_copies_have_the_accuracy_that_the_classifier_says(faces):
    """A copy succeeds only where the classifier misreads it: 3 of 20 smiles."""
    copy = dict(references(faces))["no edit"].numbers
    accuracy = numbers(copy, "accuracy")
    assert accuracy == pytest.approx(
        {"Black": 0, "Blond": 0, "Smiling": 0.15, "group:Hair": 0, "group:Smile": 0.15, "mean": 0.05}
    )
    preserved = numbers(copy, "preservation")
    black, misread = faces.labels[:, 0] == 1, np.arange(20) < 3  # Blond on clears 8 heads' black, which does not count
    blond = (np.where(black, 1, 2) - misread) / np.where(black, 1, 2)
    assert [preserved[name] for name in THREE.attributes] == pytest.approx([(17 + 1.5) / 20, blond.mean(), 1])
    assert numbers(copy, "frechet_classifier_test_self")["all"] == pytest.approx(0, abs=200), "but for 1 / (N - 1)"


def test_content_is_the_distance_to_the_truth(faces):
    edits = faces.truth.edits.copy()
    edits[1] = 255 - edits[1]
    got = numbers(faces.of(Translations(edits)).numbers, "counterfactual_l1")
    expected = np.abs(2 * faces.truth.edits[1].astype(float) - 255).mean() / 255
    assert got["Blond"] == pytest.approx(expected) and got["Black"] == got["Smiling"] == 0
    assert got["group:Hair"] == pytest.approx(expected / 2) and got["mean"] == pytest.approx(expected / 3)


def test_full_target_labels_count_all_attributes(faces):
    """A translation that does nothing is right where the attributes already are as asked."""
    copies = np.stack([faces.test.images] * 10)
    table = faces.of(Translations(faces.truth.edits, copies)).numbers
    wanted, read = permuted(faces.labels), faces.logits > 0
    expected = (wanted == read).mean(axis=(0, 1))
    got = numbers(table, "target_accuracy")
    assert [got[name] for name in THREE.attributes] == pytest.approx(expected) and 0 < got["mean"] < 1
    distance = (
        classify(faces.networks.classifier, faces.test.images)[1],
        classify(faces.networks.classifier, copies[0])[1],
    )
    assert (distance[0] == distance[1]).all()
    assert set(numbers(table, "frechet_classifier_perm_train")) == {"all"}
    assert "target_accuracy" not in set(faces.of(Translations(faces.truth.edits)).numbers.metric), "unknown, not zero"


def test_identity_is_the_distance_that_the_identity_encoder_sees(faces):
    """Single edits only change the first row, which it does not look at; inverted images point the other way."""
    assert numbers(faces.of(faces.truth).numbers, "identity")["mean"] == pytest.approx(0, abs=1e-6)
    edits = faces.truth.edits.copy()
    edits[0] = 255 - edits[0]
    got = numbers(faces.of(Translations(edits)).numbers, "identity")
    assert got["Black"] == pytest.approx(2) and got["Smiling"] == pytest.approx(0, abs=1e-6)
    strangers = numbers(dict(references(faces))["real"].numbers, "identity")
    assert strangers.keys() == {"mean"} and 0.5 < strangers["mean"] < 1.5


def test_lpips_is_told_to_the_truth_and_to_the_input(faces):
    """A stub that counts differing images."""

    class Stub:
        backbone = "stub"

        def __call__(self, a, b):
            return (a != b).any(axis=(1, 2, 3)).astype(float)

    networks = dataclasses.replace(NETWORKS[3], perceptual=Stub())
    evaluation = Evaluation(networks, THREE, faces.test, faces.test, faces.truth, ("content",))
    table = evaluation.of(faces.truth).numbers
    assert set(numbers(table, "counterfactual_lpips_stub").values()) == {0}
    changed = (faces.truth.edits != faces.test.images).any(axis=(2, 3, 4)).mean(axis=1)
    found = numbers(table, "lpips_stub")
    assert [found[name] for name in THREE.attributes] == pytest.approx(changed)
    blind = Evaluation(networks, THREE, faces.test, faces.test, None, ("content",)).of(faces.truth).numbers
    assert set(blind.metric) == {"lpips_stub"}


def test_the_classifier_itself_is_measured(faces):
    """Sure to 88 % and always right on two attributes, to 85 % on the third."""
    got = numbers(dict(references(faces))["real"].numbers, "calibration_error")
    sure = 1 / (1 + np.exp(-2))
    assert [got[name] for name in THREE.attributes] == pytest.approx([1 - sure, 1 - sure, sure - 0.85])
    assert got["Smiling"] == calibration_error(faces.logits[:, 2], faces.labels[:, 2])


def test_reference_rows(faces):
    rows = dict(references(faces))
    assert list(rows) == ["no edit", "ground truth", "real", "majority"]
    real, majority = (numbers(rows[name].numbers, "accuracy") for name in ("real", "majority"))
    assert [real[name] for name in THREE.attributes] == pytest.approx([1, 1, 0.85])
    assert [majority[name] for name in THREE.attributes] == pytest.approx([0.6, 1, 0.75])
    assert numbers(rows["real"].numbers, "frechet_classifier_toggle_train")["all"] > 0


def test_outcomes_of_every_image_average_to_the_numbers(faces):
    edits = faces.truth.edits.copy()
    edits[2] = 255 - edits[2]
    table, outcomes, _ = faces.of(Translations(edits))
    columns = ["image", "attribute", "accuracy", "preservation", "identity", "counterfactual_l1"]
    assert len(outcomes) == 3 * 20 and list(outcomes) == columns
    means = outcomes.groupby("attribute", observed=True).mean()
    for metric in ("accuracy", "identity", "counterfactual_l1"):
        known = numbers(table, metric)
        assert means[metric].to_dict() == pytest.approx({name: known[name] for name in THREE.attributes}), metric
    assert means.preservation["Blond"] == 1 > means.preservation["Smiling"] >= 0
    last = outcomes[(outcomes.image == 7) & (outcomes.attribute == "Smiling")].iloc[0]
    assert last.accuracy == 0 and last.counterfactual_l1 == pytest.approx(
        np.abs(edits[2, 7].astype(float) - faces.truth.edits[2, 7]).mean() / 255
    )
    rows = dict(references(faces))
    assert rows["real"].outcomes.accuracy.mean() == pytest.approx(numbers(rows["real"].numbers, "accuracy")["mean"])
    assert rows["majority"].outcomes.empty


def test_without_truth_there_is_no_content(faces):
    blind = Evaluation(NETWORKS[3], THREE, faces.test, faces.test, None, ALL)
    assert not blind.of(faces.truth).numbers.metric.str.startswith("counterfactual").any()
    assert "ground truth" not in dict(references(blind))


def test_the_ground_truth_of_portraits_is_rendered(split, portraits):
    truth, others, *_ = ground_truth(split, portraits)
    assert others.shape == truth.shape and others.dtype == np.uint8
    labels = permuted(split.labels(portraits.attributes))[4]
    table = split.table.assign(**{name: labels[:, k] for k, name in enumerate(portraits.attributes)})
    assert (others[4] == portraits.render(table, 32)).all()
    assert truth.shape == (10, *split.images.shape) and truth.dtype == np.uint8
    smile = portraits.attributes.index("Smiling")
    assert (truth[smile] == portraits.render(split.table.assign(Smiling=1 - split.table.Smiling), 32)).all()
    assert (truth != split.images).any(axis=(2, 3, 4)).all()


def test_unpaired_photographs_have_no_ground_truth(faces):
    assert ground_truth(faces.test, THREE) is None


def test_the_classifiers_distances_are_never_called_fid_or_kid(faces):
    evaluation = Evaluation(NETWORKS[3], THREE, faces.test, faces.test, None, ("frechet", "kernel"))
    images = Translations(np.stack([faces.test.images] * 3), faces.truth.permuted)
    names = set(evaluation.of(images).numbers.metric.str.removesuffix("_error"))
    assert names == {
        f"{kind}_classifier_{reference}"
        for kind in ("frechet", "kernel")
        for reference in ("toggle_train", "test_self", "perm_train")
    }


def test_the_truth_is_the_best_counterfactual(faces):
    """Achieved share, R^2 and axioms of the reference rows, and of a method that cannot translate to own labels."""
    faces.metrics = ("achieved", "axioms", "possible", "accuracy")
    rows = {name: report.numbers for name, report in references(faces)}
    perfect = dict.fromkeys(("share", "r2", "share_input", "r2_input"), 1)
    perfect |= dict.fromkeys(("composition", "reversibility", "minimality"), 0)
    for metric, value in perfect.items():
        assert numbers(rows["ground truth"], metric)["mean"] == pytest.approx(value), metric
        untouched = 0 if metric.startswith(("share", "r2")) else value
        assert numbers(rows["no edit"], metric)["mean"] == pytest.approx(untouched), metric
    bare = faces.of(faces.truth).numbers
    assert {"share_input", "r2_input", "minimality"} <= set(bare.metric)
    assert not {"share", "r2", "composition", "reversibility"} & set(bare.metric), "not known, so no row: never 0"


def test_impossible_edits_do_not_count(faces):
    """No training image is blond, so nobody can become so: that attribute has no possible edit."""
    faces.metrics = ("accuracy", "possible")
    table, each, _ = faces.of(faces.truth)
    assert set(numbers(table, "accuracy_possible")) == {"Black", "Smiling", "group:Hair", "group:Smile", "mean"}
    assert each.accuracy_possible[each.attribute == "Blond"].isna().all() and len(each) == 60
    assert numbers(table, "accuracy")["Blond"] == 1, "all edits"
