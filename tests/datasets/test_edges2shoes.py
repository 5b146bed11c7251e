"""Edges2shoes: the left half is row 2k, the right half its partner in row 2k + 1, the validation set tests."""

import numpy as np
import pytest
from PIL import Image

from insm.data.dataset import load_dataset

SHOES = load_dataset("edges2shoes")
COUNTS = {"train": 8, "val": 3}


@pytest.fixture
def source(tmp_path):
    """pix2pix's folders: image k is white on the left, of a grey value of its own on the right."""
    for folder, n in COUNTS.items():
        (tmp_path / folder).mkdir()
        for k in range(n):
            image = Image.new("RGB", (64, 32), "white")
            image.paste((grey(folder, k),) * 3, (32, 0, 64, 32))
            image.save(tmp_path / folder / f"{k}_AB.jpg", quality=95)
    return tmp_path


def grey(folder: str, k: int) -> int:
    return 10 + 15 * k + 120 * (folder == "val")


def test_it_is_described():
    assert (SHOES.name, SHOES.attributes, SHOES.groups) == ("edges2shoes", ("Photo",), {"Domain": ("Photo",)})
    assert SHOES.paired and not SHOES.exclusive


@pytest.mark.parametrize(("split", "folder"), [("train", "train"), ("test", "val")])
def test_rows_are_true_pairs(source, split, folder):
    count = 2 * COUNTS[folder]
    prepared = SHOES.build(split, count, 16, 0, source)
    table, rows = prepared.table, np.arange(count)
    assert list(table) == ["Photo", "pair", "file"]
    assert (table["Photo"] == rows % 2).all() and (table["pair"] == rows ^ 1).all()
    assert table["Photo"].dtype == np.uint8 and table["pair"].dtype == np.int32
    assert (table["file"].to_numpy() == table["file"][table["pair"]].to_numpy()).all()
    assert sorted(table["file"][::2]) == [f"{folder}/{k}_AB.jpg" for k in range(COUNTS[folder])], "all, each once"
    assert prepared.images.shape == (count, 16, 16, 3) and (prepared.images[::2] >= 253).all()
    greys = [grey(folder, int(name.split("/")[1].split("_")[0])) for name in table["file"][1::2]]
    assert np.abs(prepared.images[1::2].astype(int) - np.array(greys)[:, None, None, None]).max() <= 2


def test_the_order_is_seeded(source):
    whole, again, few = (SHOES.build("train", n, 16, 0, source) for n in (16, 16, 6))
    assert (whole.images == again.images).all() and whole.table.equals(again.table)
    assert (whole.images[:6] == few.images).all() and whole.table[:6].equals(few.table)
    assert not whole.table.equals(SHOES.build("train", 16, 16, 1, source).table)


@pytest.mark.parametrize(
    ("split", "count", "message"),
    [("train", 18, "data.train can be at most 16"), ("test", 8, "data.test can be at most 6"),
     ("test", 3, "data.test must be even, not 3")],
)  # fmt: skip
def test_impossible_requests_name_their_key(source, complains, split, count, message):
    with complains(message):
        SHOES.build(split, count, 16, 0, source)


@pytest.mark.parametrize("folder", COUNTS)
def test_missing_folders_say_what_to_put_where(source, complains, folder):
    (source / folder).rename(source / "elsewhere")
    cure = f"put train/ and val/ into {source} or set key data.source"
    with complains("edges2shoes needs pix2pix's edges2shoes", f"{source / folder} is missing", cure):
        SHOES.build("train", 4, 16, 0, source)
    with complains("into data/raw/edges2shoes or set key data.source"):
        SHOES.build("train", 4, 16, 0, None)


def test_images_that_are_not_side_by_side_are_named(source, complains):
    path = source / "val" / "1_AB.jpg"
    Image.new("L", (32, 32)).save(path)
    with complains(path, "32 x 32 pixels", "side by side"):
        SHOES.build("test", 6, 16, 0, source)
