"""Yosemite: the season is that of the folder, both seasons are mixed, splits are the folders' own."""

import numpy as np
import pytest
from PIL import Image

from insm.data.dataset import load_dataset

PARK = load_dataset("yosemite")
COUNTS = {"trainA": 9, "trainB": 7, "testA": 3, "testB": 2}
FILE = "2010-09-07 12:23:2{}.png"  # as the archive's are named, by time


@pytest.fixture
def source(tmp_path):
    """CycleGAN's folders; every image has a grey value of its own."""
    for folder, n in COUNTS.items():
        (tmp_path / folder).mkdir()
        for k in range(n):
            Image.new("L", (32, 32), 50 * list(COUNTS).index(folder) + 5 * k).save(tmp_path / folder / FILE.format(k))
    return tmp_path


def test_it_is_described():
    assert (PARK.name, PARK.attributes, PARK.groups) == ("yosemite", ("Summer",), {"Season": ("Summer",)})
    assert not PARK.paired and not PARK.exclusive


@pytest.mark.parametrize(("split", "count"), [("train", 16), ("test", 5)])
def test_a_split_is_all_images_of_its_two_folders(source, split, count):
    prepared = PARK.build(split, count, 16, 0, source)
    table = prepared.table
    assert list(table) == ["Summer", "file"] and table["Summer"].dtype == np.uint8
    assert sorted(table["file"]) == sorted(
        f"{f}/{FILE.format(k)}" for f, n in COUNTS.items() if split in f for k in range(n)
    )
    assert (table["Summer"] == table["file"].str.contains("A/")).all()
    for image, name in zip(prepared.images, table["file"], strict=True):
        assert (image == np.asarray(Image.open(source / name))[0, 0]).all()


def test_the_order_is_seeded_and_mixed(source):
    whole, again, few = (PARK.build("train", n, 16, 0, source) for n in (16, 16, 6))
    assert (whole.images == again.images).all() and whole.table.equals(again.table)
    assert (whole.images[:6] == few.images).all() and whole.table[:6].equals(few.table)
    assert not whole.table.equals(PARK.build("train", 16, 16, 1, source).table)
    assert 0 < whole.table["Summer"][:9].sum() < 9


@pytest.mark.parametrize(("split", "count", "most"), [("train", 17, 16), ("test", 6, 5)])
def test_too_many_are_refused(source, complains, split, count, most):
    with complains(f"key data.{split} can be at most {most}", f"not {count}"):
        PARK.build(split, count, 16, 0, source)


@pytest.mark.parametrize("folder", COUNTS)
def test_missing_folders_say_what_to_put_where(source, complains, folder):
    (source / folder).rename(source / "elsewhere")
    with complains(
        "yosemite needs CycleGAN's summer2winter_yosemite",
        f"{source / folder} is missing",
        f"put trainA/, trainB/, testA/ and testB/ into {source} or set key data.source",
    ):
        PARK.build("train", 4, 16, 0, source)


def test_no_source_and_empty_folders_are_told(source, complains):
    with complains("into data/raw/yosemite or set key data.source"):
        PARK.build("train", 4, 16, 0, None)
    for path in (source / "testB").iterdir():
        path.unlink()
    with complains(source / "testB", "holds no image"):
        PARK.build("test", 3, 16, 0, source)
