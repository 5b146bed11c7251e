"""Validation splits and new draws of test splits: no image twice, and the splits of old studies stay as they are."""

import numpy as np
import pandas as pd
import pytest

from insm.data.dataset import Dataset, load_dataset, pair_columns
from insm.data.lazy_split import LazySplit
from insm.data.raw_files import lazy_split_of
from insm.data.settings import DataConfig

IDENTITY = {"portraits": "shift_x", "vistas": "haze", "footwear": "style"}


def config(dataset="portraits", **keys):
    return DataConfig(**({"dataset": dataset, "size": 32, "train": 40, "test": 20} | keys))


@pytest.mark.parametrize("dataset", IDENTITY)
def test_every_draw_of_procedural_images_is_another(dataset):
    settings = config(dataset, validation=20, test_draw=1, test_draws=2)
    old = lazy_split_of(config(dataset).split("test")).table
    names = ("train", "validation", *settings.test_splits)
    tables = [old, *(lazy_split_of(settings.split(name)).table for name in names)]
    assert settings.test_splits == ["test", "test-2"]
    assert [len(table) for table in tables] == [20, 40, 20, 20, 20]
    drawn = pd.concat([table[IDENTITY[dataset]][:: 2 if load_dataset(dataset).paired else 1] for table in tables])
    assert drawn.is_unique


@pytest.mark.parametrize("dataset", IDENTITY)
def test_a_validation_split_moves_no_other_procedural_image(dataset):
    without, with_one = config(dataset), config(dataset, validation=20)
    for name in ("train", "test"):
        assert without.split(name) == with_one.split(name)


class Photographs(Dataset):
    """A hundred pairs, drawn in another order for every number of them."""

    name, attributes, paired = "photographs", ("Photo",), True

    def lazy_split(self, split, count, size, seed, source):
        index = np.random.default_rng([count, split == "test"]).permutation(100)[: count // 2] + 1000 * (
            split == "test"
        )
        table = pair_columns("Photo", count).assign(index=np.repeat(index, 2))
        images = np.broadcast_to(table["index"].to_numpy()[:, None, None, None], (count, 1, 1, 3)).astype(np.uint8)
        return LazySplit(table, 1, lambda rows: images[rows], 8)


@pytest.fixture
def photographs(monkeypatch):
    for module in ("raw_files", "settings"):
        monkeypatch.setattr(f"insm.data.{module}.load_dataset", lambda name: Photographs())
    return config("photographs", train=60, validation=20)


def test_photographs_for_validation_are_taken_from_those_for_training(photographs):
    train, validation = (lazy_split_of(photographs.split(name)) for name in ("train", "validation"))
    whole = Photographs().lazy_split("train", 80, 32, 2020, None).in_memory()
    assert [*train.table["index"], *validation.table["index"]] == [*whole.table["index"]]
    for part, images in ((train, whole.images[:60]), (validation, whole.images[60:])):
        made = part.in_memory()
        assert (made.images == images).all()
        assert (made.table["pair"].to_numpy() == np.arange(len(made)) ^ 1).all()


def test_without_a_validation_split_photographs_are_drawn_as_ever(photographs):
    plain = photographs.model_copy(update={"validation": 0})
    assert lazy_split_of(plain.split("train")).table.equals(Photographs().lazy_split("train", 60, 32, 2020, None).table)


def test_a_part_of_images_that_are_stored_in_another_order():
    values = np.arange(10)
    order = np.array([7, 2, 9, 0, 4, 1, 8, 3, 6, 5])
    images = np.broadcast_to(values[order][:, None, None, None], (10, 1, 1, 3)).astype(np.uint8)
    whole = LazySplit(pd.DataFrame({"row": values}), 1, lambda places: images[places], 4, order)
    part = whole.part(4, 9)
    made = part.in_memory()
    assert [*part.table["row"]] == [*made.images[:, 0, 0, 0]] == [4, 5, 6, 7, 8]
