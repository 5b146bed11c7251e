"""The evaluation with a classifier that reads the bits off the picture, so that every number is known."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from insm.edits import permuted, toggled
from insm.evaluation import COLUMNS, Evaluation, Pictures, ground_truth
from insm.extractors.base import Features
from insm.judges import Judges
from insm.metrics.calibration import calibration_error
from insm.metrics.fid import fid, spread
from insm.metrics.identity import identity_distance
from insm.metrics.kid import kid
from insm.pack import Pack

ALL = ("accuracy", "preservation", "frechet", "content", "identity")
THREE = SimpleNamespace(
    attributes=("Black", "Blond", "Smiling"), exclusive=(("Black", "Blond"),),
    groups={"Hair": ("Black", "Blond"), "Smile": ("Smiling",)}, paired=False, counterfactual=lambda *_: None,
)  # fmt: skip
ONE = SimpleNamespace(
    attributes=("Photo",), exclusive=(), groups={"Domain": ("Photo",)}, paired=True, counterfactual=lambda *_: None
)


class Reader:
    """Finds bit k in pixel (0, k), and is quite sure of it; its features are the first pixels' values."""

    def __init__(self, n_attr: int):
        self.n_attr = n_attr

    def judge(self, images):
        return np.where(images[:, 0, : self.n_attr, 0] > 127, 2.0, -2.0), images[:, 1, :4, 0].astype(float)


class Colours(torch.nn.Module):
    """A recogniser that sees the colours of the lower half."""

    def __init__(self):
        super().__init__()
        self.none = torch.nn.Parameter(torch.zeros(1))

    def forward(self, image):
        return image[:, :, 4:].flatten(1) + self.none


JUDGES = {n_attr: Judges(Reader(n_attr), recogniser=Colours()) for n_attr in (1, 3)}


def picture(bits: np.ndarray, texture: np.ndarray) -> np.ndarray:
    """Bits [N, A] and textures [N, 8, 8, 3] -> pictures that `Reader` reads."""
    pictures = texture.copy()
    pictures[:, 0, : bits.shape[1]] = bits[..., None] * 255
    return pictures


def make(dataset, bits, read=None, seed=0) -> Pack:
    """A pack with the labels `bits` and pictures that show the bits `read`."""
    texture = np.random.default_rng(seed).integers(0, 256, (len(bits), 8, 8, 3), dtype=np.uint8)
    return Pack(picture(bits if read is None else read, texture), pd.DataFrame(bits, columns=dataset.attributes))


@pytest.fixture
def faces():
    """Evaluation of 20 pictures of three bits with their exact counterfactuals; the classifier misreads some labels."""
    rng = np.random.default_rng(0)
    bits = np.stack([rng.permutation(20) < 8, np.zeros(20), rng.permutation(20) < 5], axis=1).astype(np.uint8)
    read = bits.copy()
    read[:3, 2] = 1 - read[:3, 2]
    test = make(THREE, bits, read)
    truth = Pictures(
        *(
            np.stack([picture(target, test.images) for target in f(bits)])
            for f in (lambda b: toggled(b, THREE), permuted)
        )
    )
    return Evaluation(JUDGES[3], THREE, make(THREE, bits, seed=1), test, truth, ALL)


def numbers(table: pd.DataFrame, metric: str) -> dict[str, float]:
    assert list(table) == COLUMNS
    return table[table.metric == metric].set_index("scope").value.to_dict()


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
    copy = dict(faces.references())["copy input"].numbers
    accuracy = numbers(copy, "accuracy")
    assert accuracy == pytest.approx(
        {"Black": 0, "Blond": 0, "Smiling": 0.15, "group:Hair": 0, "group:Smile": 0.15, "mean": 0.05}
    )
    preserved = numbers(copy, "preservation")
    black, misread = faces.bits[:, 0] == 1, np.arange(20) < 3  # Blond on clears 8 heads' black, which does not count
    blond = (np.where(black, 1, 2) - misread) / np.where(black, 1, 2)
    assert [preserved[name] for name in THREE.attributes] == pytest.approx([(17 + 1.5) / 20, blond.mean(), 1])
    assert numbers(copy, "frechet_classifier_test_self")["all"] == pytest.approx(0, abs=200), "but for 1 / (N - 1)"


def test_content_is_the_distance_to_the_truth(faces):
    edits = faces.truth.edits.copy()
    edits[1] = 255 - edits[1]
    got = numbers(faces.of(Pictures(edits)).numbers, "counterfactual_l1")
    expected = np.abs(2 * faces.truth.edits[1].astype(float) - 255).mean() / 255
    assert got["Blond"] == pytest.approx(expected) and got["Black"] == got["Smiling"] == 0
    assert got["group:Hair"] == pytest.approx(expected / 2) and got["mean"] == pytest.approx(expected / 3)


def test_labels_of_others_are_judged_in_all_bits(faces):
    """A translation that does nothing is right where the bits already are as asked."""
    copies = np.stack([faces.test.images] * 10)
    table = faces.of(Pictures(faces.truth.edits, copies)).numbers
    wanted, read = permuted(faces.bits), faces.logits > 0
    expected = (wanted == read).mean(axis=(0, 1))
    got = numbers(table, "target_accuracy")
    assert [got[name] for name in THREE.attributes] == pytest.approx(expected) and 0 < got["mean"] < 1
    distance = faces.judges.classifier.judge(faces.test.images)[1], faces.judges.classifier.judge(copies[0])[1]
    assert (distance[0] == distance[1]).all()
    assert set(numbers(table, "frechet_classifier_perm_train")) == {"all"}
    assert "target_accuracy" not in set(faces.of(Pictures(faces.truth.edits)).numbers.metric), "unknown, not zero"


def test_identity_is_the_distance_that_the_recogniser_sees(faces):
    """Single edits only change the first row, which it does not look at; inverted pictures point the other way."""
    assert numbers(faces.of(faces.truth).numbers, "identity")["mean"] == pytest.approx(0, abs=1e-6)
    edits = faces.truth.edits.copy()
    edits[0] = 255 - edits[0]
    got = numbers(faces.of(Pictures(edits)).numbers, "identity")
    assert got["Black"] == pytest.approx(2) and got["Smiling"] == pytest.approx(0, abs=1e-6)
    strangers = numbers(dict(faces.references())["real"].numbers, "identity")
    assert strangers.keys() == {"mean"} and 0.5 < strangers["mean"] < 1.5


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


def test_lpips_is_told_to_the_truth_and_to_the_input(faces):
    """A stub that counts differing pictures."""

    class Stub:
        backbone = "stub"

        def __call__(self, a, b):
            return (a != b).any(axis=(1, 2, 3)).astype(float)

    judges = dataclasses.replace(JUDGES[3], perceptual=Stub())
    evaluation = Evaluation(judges, THREE, faces.test, faces.test, faces.truth, ("content",))
    table = evaluation.of(faces.truth).numbers
    assert set(numbers(table, "counterfactual_lpips_stub").values()) == {0}
    changed = (faces.truth.edits != faces.test.images).any(axis=(2, 3, 4)).mean(axis=1)
    found = numbers(table, "lpips_stub")
    assert [found[name] for name in THREE.attributes] == pytest.approx(changed)
    blind = Evaluation(judges, THREE, faces.test, faces.test, None, ("content",)).of(faces.truth).numbers
    assert set(blind.metric) == {"lpips_stub"}


def test_the_classifier_itself_is_judged(faces):
    """Sure to 88 % and always right on two bits, to 85 % on the third."""
    got = numbers(dict(faces.references())["real"].numbers, "calibration_error")
    sure = 1 / (1 + np.exp(-2))
    assert [got[name] for name in THREE.attributes] == pytest.approx([1 - sure, 1 - sure, sure - 0.85])
    assert got["Smiling"] == calibration_error(faces.logits[:, 2], faces.bits[:, 2])


def test_reference_rows(faces):
    rows = dict(faces.references())
    assert list(rows) == ["copy input", "ground truth", "real", "majority"]
    real, majority = (numbers(rows[name].numbers, "accuracy") for name in ("real", "majority"))
    assert [real[name] for name in THREE.attributes] == pytest.approx([1, 1, 0.85])
    assert [majority[name] for name in THREE.attributes] == pytest.approx([0.6, 1, 0.75])
    assert numbers(rows["real"].numbers, "frechet_classifier_toggle_train")["all"] > 0


def test_outcomes_of_every_picture_average_to_the_numbers(faces):
    edits = faces.truth.edits.copy()
    edits[2] = 255 - edits[2]
    table, outcomes = faces.of(Pictures(edits))
    columns = ["picture", "bit", "accuracy", "preservation", "identity", "counterfactual_l1"]
    assert len(outcomes) == 3 * 20 and list(outcomes) == columns
    means = outcomes.groupby("bit", observed=True).mean()
    for metric in ("accuracy", "identity", "counterfactual_l1"):
        known = numbers(table, metric)
        assert means[metric].to_dict() == pytest.approx({name: known[name] for name in THREE.attributes}), metric
    assert means.preservation["Blond"] == 1 > means.preservation["Smiling"] >= 0
    last = outcomes[(outcomes.picture == 7) & (outcomes.bit == "Smiling")].iloc[0]
    assert last.accuracy == 0 and last.counterfactual_l1 == pytest.approx(
        np.abs(edits[2, 7].astype(float) - faces.truth.edits[2, 7]).mean() / 255
    )
    rows = dict(faces.references())
    assert rows["real"].outcomes.accuracy.mean() == pytest.approx(numbers(rows["real"].numbers, "accuracy")["mean"])
    assert rows["majority"].outcomes.empty


def test_without_truth_there_is_no_content(faces):
    blind = Evaluation(JUDGES[3], THREE, faces.test, faces.test, None, ALL)
    assert not blind.of(faces.truth).numbers.metric.str.startswith("counterfactual").any()
    assert "ground truth" not in dict(blind.references())


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


def test_the_ground_truth_of_portraits_is_rendered(pack, portraits):
    truth, others = ground_truth(pack, portraits)
    assert others.shape == truth.shape and others.dtype == np.uint8
    labels = permuted(pack.labels(portraits.attributes))[4]
    table = pack.table.assign(**{name: labels[:, k] for k, name in enumerate(portraits.attributes)})
    assert (others[4] == portraits.render(table, 32)).all()
    assert truth.shape == (10, *pack.images.shape) and truth.dtype == np.uint8
    smile = portraits.attributes.index("Smiling")
    assert (truth[smile] == portraits.render(pack.table.assign(Smiling=1 - pack.table.Smiling), 32)).all()
    assert (truth != pack.images).any(axis=(2, 3, 4)).all()


def test_unpaired_photographs_have_no_ground_truth(faces):
    assert ground_truth(faces.test, THREE) is None


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


def test_the_classifiers_distances_are_never_called_fid_or_kid(faces):
    evaluation = Evaluation(JUDGES[3], THREE, faces.test, faces.test, None, ("frechet", "kernel"))
    pictures = Pictures(np.stack([faces.test.images] * 3), faces.truth.permuted)
    names = set(evaluation.of(pictures).numbers.metric.str.removesuffix("_error"))
    assert names == {
        f"{kind}_classifier_{reference}"
        for kind in ("frechet", "kernel")
        for reference in ("toggle_train", "test_self", "perm_train")
    }
