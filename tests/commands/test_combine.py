"""Edits of several attributes at once: which faces, which sets, and the truth of both."""

import numpy as np
import pytest

from insm import pack as packs
from insm.commands.combine import COUNT, DRAWN, FACES, asked, choose, wishes_of
from insm.datasets import load_dataset
from insm.files import read_json
from insm.pack import Pack


@pytest.fixture(scope="module")
def splits(portraits):
    """Labels of 4,000 training and 300 test portraits, with pictures of no interest."""
    tables = [portraits.sample(count, np.random.default_rng(count)) for count in (4000, 300)]
    return [Pack(np.zeros((len(table), 16, 16, 3), dtype=np.uint8), table) for table in tables]


def test_figure_1_asks_the_papers_sets_of_the_first_faces_that_they_change(splits, portraits):
    wishes = [wish for wish in wishes_of(portraits, *splits) if wish["figure"] == "figure1"]
    assert [wish["values"] for wish in wishes] == [v for v in portraits.combinations for _ in range(FACES)]
    bearded = splits[1].table.query("Male == 1 and No_Beard == 1 and Smiling == 1 and Black_Hair == 0")
    assert [wish["row"] for wish in wishes[:FACES]] == bearded.index[:FACES].tolist(), "men only"
    female = splits[1].table.query("Male == 1 and No_Beard == 1 and Smiling == 0 and Brown_Hair == 0")
    assert [wish["row"] for wish in wishes[-FACES:]] == female.index[:FACES].tolist(), "no bearded woman"


def test_figure_5_draws_a_set_for_each_of_the_first_faces(splits, portraits):
    wishes = wishes_of(portraits, *splits)
    assert wishes == wishes_of(portraits, *splits)
    drawn = [wish for wish in wishes if wish["figure"] == "figure5"]
    assert [wish["row"] for wish in drawn] == list(range(DRAWN))
    assert all(len(wish["values"]) == COUNT for wish in drawn)
    _, bits, targets = asked(drawn, portraits, splits[1])
    hair = slice(0, 3)
    assert ((bits != targets)[:, 3:].sum(axis=1) <= COUNT).all() and (targets[:, hair].sum(axis=1) <= 1).all()


def test_few_pictures_give_fewer_wishes(splits, portraits):
    train, test = splits
    few = Pack(test.images[:3], test.table.iloc[:3])
    assert len([wish for wish in wishes_of(portraits, train, few) if wish["figure"] == "figure5"]) == 3
    rows, bits, targets = asked([], portraits, few)
    assert rows.shape == (0,) and bits.shape == targets.shape == (0, 10)


def test_the_truth_is_the_same_person(tmp_path, portraits):
    for split, count in (("train", 2000), ("test", 60)):
        packs.save(portraits.build(split, count, 16, 0), tmp_path / f"{split}.npy", tmp_path / f"{split}.parquet")
    outputs = (tmp_path / "wishes.json", tmp_path / "truth.npy")
    choose("portraits", tmp_path / "train.npy", tmp_path / "test.npy", *outputs)
    wishes, truth, test = read_json(outputs[0]), np.load(outputs[1]), packs.load(tmp_path / "test.npy")
    assert truth.shape == (len(wishes), 16, 16, 3)
    for wish, picture in zip(wishes, truth, strict=True):
        row = test.table.iloc[[wish["row"]]].reset_index(drop=True)
        _, _, target = asked([wish], portraits, test)
        edited = row.assign(**dict(zip(portraits.attributes, target[0], strict=True)))
        assert edited[list(wish["values"])].iloc[0].to_dict() == wish["values"]
        assert (picture == portraits.render(edited, 16)[0]).all()


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
