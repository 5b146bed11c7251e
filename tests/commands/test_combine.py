"""Edits of several attributes at once: which faces, which sets, and the truth of both."""

import numpy as np
import pytest

from insm.data.dataset import load_dataset
from insm.data.lazy_split import save_split
from insm.data.prepared_split import PreparedSplit, load_split
from insm.datasets.photos.reading import choose
from insm.evaluation.combinations import COUNT, DRAWN, FACES, asked, target_edits_of
from insm.support.files import read_json


@pytest.fixture(scope="module")
def splits(portraits):
    """Labels of 4,000 training and 300 test portraits, with images of no interest."""
    tables = [portraits.sample(count, np.random.default_rng(count)) for count in (4000, 300)]
    return [PreparedSplit(np.zeros((len(table), 16, 16, 3), dtype=np.uint8), table) for table in tables]


def test_figure_1_asks_the_papers_sets_of_the_first_faces_that_they_change(splits, portraits):
    target_edits = [target_edit for target_edit in target_edits_of(portraits, *splits) if target_edit["figure"] == "figure1"]
    assert [target_edit["values"] for target_edit in target_edits] == [v for v in portraits.combinations for _ in range(FACES)]
    bearded = splits[1].table.query("Male == 1 and No_Beard == 1 and Smiling == 1 and Black_Hair == 0")
    assert [target_edit["row"] for target_edit in target_edits[:FACES]] == bearded.index[:FACES].tolist(), "men only"
    female = splits[1].table.query("Male == 1 and No_Beard == 1 and Smiling == 0 and Brown_Hair == 0")
    assert [target_edit["row"] for target_edit in target_edits[-FACES:]] == female.index[:FACES].tolist(), "no bearded woman"


def test_figure_5_draws_a_set_for_each_of_the_first_faces(splits, portraits):
    target_edits = target_edits_of(portraits, *splits)
    assert target_edits == target_edits_of(portraits, *splits)
    drawn = [target_edit for target_edit in target_edits if target_edit["figure"] == "figure5"]
    assert [target_edit["row"] for target_edit in drawn] == list(range(DRAWN))
    assert all(len(target_edit["values"]) == COUNT for target_edit in drawn)
    _, labels, targets = asked(drawn, portraits, splits[1])
    hair = slice(0, 3)
    assert ((labels != targets)[:, 3:].sum(axis=1) <= COUNT).all() and (targets[:, hair].sum(axis=1) <= 1).all()


def test_few_images_give_fewer_target_edits(splits, portraits):
    train, test = splits
    few = PreparedSplit(test.images[:3], test.table.iloc[:3])
    assert len([target_edit for target_edit in target_edits_of(portraits, train, few) if target_edit["figure"] == "figure5"]) == 3
    rows, labels, targets = asked([], portraits, few)
    assert rows.shape == (0,) and labels.shape == targets.shape == (0, 10)


def test_the_truth_is_the_same_person(tmp_path, portraits):
    for split, count in (("train", 2000), ("test", 60)):
        save_split(portraits.build(split, count, 16, 0), tmp_path / f"{split}.npy", tmp_path / f"{split}.parquet")
    outputs = (tmp_path / "target_edits.json", tmp_path / "truth.npy")
    choose("portraits", tmp_path / "train.npy", tmp_path / "test.npy", *outputs)
    target_edits, truth, test = read_json(outputs[0]), np.load(outputs[1]), load_split(tmp_path / "test.npy")
    assert truth.shape == (len(target_edits), 16, 16, 3)
    for target_edit, image in zip(target_edits, truth, strict=True):
        row = test.table.iloc[[target_edit["row"]]].reset_index(drop=True)
        _, _, target = asked([target_edit], portraits, test)
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
