"""Splits: what is in git divides the published sets into disjoint, complete and stable parts."""

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from insm.data.dataset import SPLITS, load_dataset
from insm.datasets.celeba import PARTITION, read_partition
from insm.datasets.celeba_hq import ALL, split_ids
from insm.datasets.photos.files import draw_files, published_ranges
from insm.datasets.photos.notes import Notes

ORDER = "f412a2cd3e0a1ca15ee267e9058edc9a8be47b2fcfb65e486009dfac3af1baec"  # SHA-256 of 29,700 numbers, as int64
COUNTS = {"celeba": (162_770, 19_867, 19_962), "edges2shoes": (49_825, 200)}


@pytest.mark.parametrize("name", COUNTS)
def test_published_ranges_have_the_published_counts_and_no_gap(name):
    parts = published_ranges(name)
    assert tuple(map(len, parts.values())) == COUNTS[name]
    assert sum(map(len, parts.values())) == sum(load_dataset(name).published.values())
    if name == "celeba":  # one numbering; edges2shoes numbers each folder from 1
        assert [k for ids in parts.values() for k in ids] == list(range(1, 202_600))
    assert all(numbers[0] == 1 for part, numbers in parts.items() if part != "test" and name == "edges2shoes")


def write_partition(folder: Path, moved: int = 0) -> Path:
    """CelebA's whole partition file, with one image in another part."""
    path = folder / PARTITION
    parts = [(k, part) for part, ids in enumerate(published_ranges("celeba").values()) for k in ids]
    path.write_text("".join(f"{k:06}.jpg {(part + (k == moved)) % 3}\n" for k, part in parts))
    return path


def test_celeba_s_official_partition_is_disjoint_and_all_but_validation(tmp_path):
    parts = read_partition(write_partition(tmp_path), Notes())
    assert {split: len(ids) for split, ids in parts.items()} == {"train": 162_770, "test": 19_962}
    assert not np.intersect1d(parts["train"], parts["test"]).size
    assert (parts["train"][[0, -1]] == (1, 162_770)).all() and (parts["test"][[0, -1]] == (182_638, 202_599)).all()


@pytest.mark.parametrize("moved", [1, 162_770, 170_000, 202_599])
def test_another_partition_of_all_images_is_refused(tmp_path, complains, moved):
    with complains(tmp_path / PARTITION, "all 202,599 images otherwise than published", "put CelebA's there"):
        read_partition(write_partition(tmp_path, moved), Notes())


def test_all_200_shoes_of_the_test_must_be_the_published_ones(tmp_path, complains):
    for folder, first in (("train", 1), ("val", 0)):
        (tmp_path / folder).mkdir()
        for k in range(first, first + 200):
            (tmp_path / folder / f"{k}_AB.jpg").touch()
    shoes = load_dataset("edges2shoes")
    with complains(tmp_path / "val", "0_AB.jpg is none of them", "1_AB.jpg to 200_AB.jpg"):
        shoes.lazy_split("test", 4, 16, 0, tmp_path)
    (tmp_path / "val" / "0_AB.jpg").rename(tmp_path / "val" / "200_AB.jpg")
    files = shoes.lazy_split("test", 400, 16, 0, tmp_path).table["file"][::2]
    assert set(files) == {f"val/{k}_AB.jpg" for k in published_ranges("edges2shoes")["val"]}
    assert files[:6].tolist() == [
        "val/3_AB.jpg",
        "val/135_AB.jpg",
        "val/54_AB.jpg",
        "val/65_AB.jpg",
        "val/57_AB.jpg",
        "val/20_AB.jpg",
    ]


def test_celeba_hq_s_list_is_disjoint_and_complete():
    parts = split_ids(np.arange(ALL))
    assert sorted(np.concatenate(list(parts.values()))) == list(range(ALL)) and len(parts["test"]) == 300


def test_the_season_set_s_counts_are_those_of_the_paper_s_two_totals():
    published = load_dataset("yosemite").published
    assert published["trainA"] + published["testA"] == 1540 and published["trainB"] + published["testB"] == 1200


def test_the_order_of_a_choice_is_pinned():
    assert draw_files("any", "train", 0, 12, 12).tolist() == [9, 2, 7, 4, 5, 11, 0, 3, 6, 10, 8, 1]
    assert draw_files("any", "test", 7, 12, 12).tolist() == [7, 10, 6, 11, 0, 8, 9, 1, 3, 4, 2, 5]
    assert sha256(draw_files("any", "train", 0, 29_700, 29_700).astype("<i8").tobytes()).hexdigest() == ORDER


FIRST = {  # the identities in the first eight rows, seed 0: SHA-256 of their little-endian float32
    ("portraits", "train"): "040c7c1439c4d6fbf89562ae088b7e0175be2bf2be51804497262c7c8d2ba0da",
    ("portraits", "test"): "f527ac4e0e90b5349575d19636bd2e77549df45545142ff8601b4448e268dc8a",
    ("vistas", "train"): "934c927f5c26b2ae36ec2ecdc247993a5aa63c3116db23e6a3f01acd47b69b29",
    ("vistas", "test"): "f8eaea08502dcec296e5ca24241f75fa669905badf5b6315636a46662b276248",
    ("footwear", "train"): "5d27083a80f68accf2f8c9e11af774063b4c65f8480b9fca653dfa8d3900c439",
    ("footwear", "test"): "8213eac772e217f8325e44ac68512b1f1663ebb54843214192270fc6d7074fd6",
}


@pytest.mark.parametrize("name", ["portraits", "vistas", "footwear"])
def test_procedural_splits_differ_and_are_the_same_as_ever(name):
    dataset = load_dataset(name)
    tables = {split: dataset.lazy_split(split, 2000, 32, 0, None).table for split in SPLITS}
    own = [name for name, kind in tables["train"].dtypes.items() if kind == np.float32]
    for split, table in tables.items():
        assert sha256(table[own][:8].to_numpy().astype("<f4").tobytes()).hexdigest() == FIRST[name, split]
    people = [set(map(tuple, table[own].to_numpy())) for table in tables.values()]
    assert len(people[0]) > 900 and not people[0] & people[1], "no one is in both"
