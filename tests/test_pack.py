"""Packs: what is saved is what is loaded, and broken files are told apart in one line."""

import numpy as np
import pandas as pd
import pytest

from insm import pack as packs
from insm.pack import Pack


@pytest.fixture
def saved(pack, tmp_path):
    """The paths of a saved pack: pictures, table."""
    images, table = tmp_path / "train.npy", tmp_path / "train.parquet"
    packs.save(pack, images, table)
    return images, table


def test_round_trip(pack, saved, portraits):
    loaded = packs.load(saved[0])
    assert isinstance(loaded.images, np.memmap), "pictures stay on disk"
    assert (loaded.images == pack.images).all() and loaded.table.equals(pack.table)
    assert len(loaded) == 24 and loaded.size == 32
    assert (loaded.labels(portraits.attributes) == pack.labels(portraits.attributes)).all()


def test_equal_packs_give_equal_bytes(pack, saved, tmp_path):
    packs.save(pack, tmp_path / "b.npy", tmp_path / "b.parquet")
    for path, other in zip(saved, ("b.npy", "b.parquet"), strict=True):
        assert path.read_bytes() == (tmp_path / other).read_bytes()


def test_labels_come_in_the_asked_order(pack):
    names = ["Smiling", "Male"]
    labels = pack.labels(names)
    assert labels.dtype == np.uint8 and labels.shape == (24, 2)
    assert (labels[:, 0] == pack.table.Smiling).all() and (labels[:, 1] == pack.table.Male).all()


@pytest.mark.parametrize("which", [0, 1])
def test_a_missing_file_is_named(saved, complains, which):
    saved[which].unlink()
    with complains(saved[which], "missing", "snakemake"):
        packs.load(saved[0])


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("kept", [0, 3, 100, 2000])
def test_a_truncated_file_is_named(saved, complains, which, kept):
    saved[which].write_bytes(saved[which].read_bytes()[:kept])
    with complains(saved[which], "delete it and run again"):
        packs.load(saved[0])


@pytest.mark.parametrize(
    ("images", "word"),
    [
        (np.zeros((24, 32, 32, 3), np.float32), "float32"),
        (np.zeros((24, 32, 32), np.uint8), "[24, 32, 32]"),
        (np.zeros((24, 3, 32, 32), np.uint8), "[24, 3, 32, 32]"),
        (np.zeros((23, 32, 32, 3), np.uint8), "23 pictures but 24 table rows"),
    ],
)
def test_pictures_of_another_kind_are_refused(saved, complains, images, word):
    np.save(saved[0], images)
    with complains(saved[0], word):
        packs.load(saved[0])


def test_pickled_objects_are_refused(saved, complains):
    np.save(saved[0], np.array([{"a": 1}] * 24), allow_pickle=True)
    with complains(saved[0]):
        packs.load(saved[0])


def test_a_missing_attribute_is_named(pack, complains):
    with complains("lacks attribute Beard", "snakemake"):
        pack.labels(["Smiling", "Beard"])


@pytest.mark.parametrize("value", [2, -1, 0.5, np.nan])
def test_attributes_are_bits(complains, value):
    with complains("0 or 1"):
        Pack(np.zeros((2, 4, 4, 3), np.uint8), pd.DataFrame({"A": [0, value]})).labels(["A"])


def test_load_array_opens_empty_and_small_arrays(tmp_path):
    for array in (np.empty(0, np.uint8), np.arange(6, dtype=np.uint8).reshape(2, 3)):
        np.save(tmp_path / "a.npy", array)
        loaded = packs.load_array(tmp_path / "a.npy")
        assert loaded.shape == array.shape and (loaded == array).all()
