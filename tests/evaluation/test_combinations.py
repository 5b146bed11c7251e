"""Edits of several attributes at once: images, sets, possible labels only, and the exact counterfactuals."""

from types import SimpleNamespace

import numpy as np
import pytest

from insm.commands.jobs.sample_edits import sample_edits
from insm.data.dataset import load_dataset
from insm.data.edits import with_values
from insm.data.preparation import save_split
from insm.data.prepared_split import PreparedSplit, load_split
from insm.evaluation.combinations import (
    ATTRIBUTES,
    IMAGES_PER_SET,
    SAMPLED_IMAGES,
    all_changed,
    labels_of,
    possible,
    sample_set,
    sample_target_edits,
)
from insm.support.files import read_json


@pytest.fixture(scope="module")
def splits(portraits):
    """Labels of 4,000 training and 300 test portraits, with images of no interest."""
    tables = [portraits.sample(count, np.random.default_rng(count)) for count in (4000, 300)]
    return [PreparedSplit(np.zeros((len(table), 16, 16, 3), dtype=np.uint8), table) for table in tables]


def test_figure_1_asks_the_papers_sets_of_the_first_faces_that_they_change(splits, portraits):
    target_edits = [
        target_edit for target_edit in sample_target_edits(portraits, *splits) if target_edit["figure"] == "figure1"
    ]
    assert [target_edit["values"] for target_edit in target_edits] == [
        v for v in portraits.combinations for _ in range(IMAGES_PER_SET)
    ]
    bearded = splits[1].table.query("Male == 1 and No_Beard == 1 and Smiling == 1 and Black_Hair == 0")
    assert [target_edit["row"] for target_edit in target_edits[:IMAGES_PER_SET]] == bearded.index[
        :IMAGES_PER_SET
    ].tolist(), "men only"
    female = splits[1].table.query("Male == 1 and No_Beard == 1 and Smiling == 0 and Brown_Hair == 0")
    assert [target_edit["row"] for target_edit in target_edits[-IMAGES_PER_SET:]] == female.index[
        :IMAGES_PER_SET
    ].tolist(), "no bearded woman"


def test_figure_5_draws_a_set_for_each_of_the_first_faces(splits, portraits):
    target_edits = sample_target_edits(portraits, *splits)
    assert target_edits == sample_target_edits(portraits, *splits)
    drawn = [target_edit for target_edit in target_edits if target_edit["figure"] == "figure5"]
    assert [target_edit["row"] for target_edit in drawn] == list(range(SAMPLED_IMAGES))
    assert all(len(target_edit["values"]) == ATTRIBUTES for target_edit in drawn)
    _, labels, targets = labels_of(drawn, portraits, splits[1])
    hair = slice(0, 3)
    assert ((labels != targets)[:, 3:].sum(axis=1) <= ATTRIBUTES).all() and (targets[:, hair].sum(axis=1) <= 1).all()


def test_few_images_give_fewer_target_edits(splits, portraits):
    train, test = splits
    few = PreparedSplit(test.images[:3], test.table.iloc[:3])
    assert (
        len(
            [
                target_edit
                for target_edit in sample_target_edits(portraits, train, few)
                if target_edit["figure"] == "figure5"
            ]
        )
        == 3
    )
    rows, labels, targets = labels_of([], portraits, few)
    assert rows.shape == (0,) and labels.shape == targets.shape == (0, 10)


def test_the_truth_is_the_same_person(tmp_path, portraits):
    for split, count in (("train", 2000), ("test", 60)):
        save_split(portraits.build(split, count, 16, 0), tmp_path / f"{split}.npy", tmp_path / f"{split}.parquet")
    outputs = (tmp_path / "target_edits.json", tmp_path / "truth.npy")
    sample_edits("portraits", tmp_path / "train.npy", tmp_path / "test.npy", *outputs)
    target_edits, truth, test = read_json(outputs[0]), np.load(outputs[1]), load_split(tmp_path / "test.npy")
    assert truth.shape == (len(target_edits), 16, 16, 3)
    for target_edit, image in zip(target_edits, truth, strict=True):
        row = test.table.iloc[[target_edit["row"]]].reset_index(drop=True)
        _, _, target = labels_of([target_edit], portraits, test)
        edited = row.assign(**dict(zip(portraits.attributes, target[0], strict=True)))
        assert edited[list(target_edit["values"])].iloc[0].to_dict() == target_edit["values"]
        assert (image == portraits.render(edited, 16)[0]).all()


def test_datasets_without_sets_have_no_combined_edits():
    assert load_dataset("celeba_hq").combinations == load_dataset("portraits").combinations
    assert not load_dataset("vistas").combinations and not load_dataset("footwear").combinations


def test_the_sets_of_figure_1_are_the_papers():
    """Its caption: beard, not smiling, black hair; bangs, eyeglasses, black hair; female, smiling, brown hair."""
    assert list(load_dataset("portraits").combinations) == [
        {"No_Beard": 0, "Smiling": 0, "Black_Hair": 1},
        {"Bangs": 1, "Eyeglasses": 1, "Black_Hair": 1},
        {"Male": 0, "Smiling": 1, "Brown_Hair": 1},
    ]


HAIR = SimpleNamespace(name="hair", attributes=("Black", "Smiling", "Blond"), exclusive=(("Black", "Blond"),))


def test_labels_are_possible_if_any_two_values_occur_together():
    seen = np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0], [0, 0, 0]])
    assert possible(np.array([[0, 0, 1], [0, 1, 1], [0, 0, 0], [1, 1, 0]]), seen).tolist() == [True, False, True, False]
    pairs = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 1]])
    assert possible(np.array([[1, 1, 1]]), pairs).tolist() == [True], "the three together need not occur"
    assert possible(np.array([[1, 1]]), np.array([[1, 1]] + [[0, 0]] * 1999)).tolist() == [False], "a wrong label"


def test_nobody_is_asked_for_a_bearded_woman(portraits):
    seen = portraits.sample(4000, np.random.default_rng(0))[list(portraits.attributes)].to_numpy()
    woman = with_values(seen[:1], portraits, {"Male": 0, "No_Beard": 1})
    assert possible(seen, seen).mean() > 0.99
    assert possible(woman, seen).all()
    assert not possible(with_values(woman, portraits, {"No_Beard": 0}), seen).any()
    assert possible(with_values(woman, portraits, {"No_Beard": 0, "Male": 1}), seen).all()


def test_only_faces_that_all_values_change_are_eligible():
    labels = np.array([[1, 0, 0], [0, 1, 1], [0, 0, 0]], dtype=np.uint8)
    anything = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    assert all_changed(labels, HAIR, {"Black": 1, "Smiling": 1}, anything).tolist() == [False, False, True]
    dark_heads_never_smile = anything[anything[:, :2].sum(axis=1) < 2]
    assert not all_changed(labels, HAIR, {"Black": 1, "Smiling": 1}, dark_heads_never_smile).any()


def test_drawn_sets_are_changes_possible_and_the_same_again(portraits):
    seen = portraits.sample(4000, np.random.default_rng(0))[list(portraits.attributes)].to_numpy(np.uint8)

    def draw(seed):
        rng = np.random.default_rng(seed)
        return [sample_set(row, portraits, 3, seen, rng) for row in seen[:100]]

    sets = draw(1)
    assert sets == draw(1) and sets != draw(2)
    hair = set(portraits.exclusive[0])
    for row, values in zip(seen, sets, strict=False):
        assert len(values) == 3 and len(hair & values.keys()) <= 1
        assert all(row[portraits.attributes.index(name)] == 1 - value for name, value in values.items())
        target = with_values(row[None], portraits, values)
        assert possible(target, seen).all()
        assert all(target[0, portraits.attributes.index(name)] == value for name, value in values.items())
    assert set().union(*sets) == set(portraits.attributes), "every attribute is drawn sometimes"


def test_an_impossible_target_edit_is_one_line(complains):
    with complains("hair", "3 attributes"):
        sample_set(np.zeros(3, dtype=np.uint8), HAIR, 3, np.eye(3, dtype=np.uint8), np.random.default_rng(0))
