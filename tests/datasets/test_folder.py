"""Folder: four layouts of a person's own images, told apart or named, each with clear answers to mistakes."""

import numpy as np
import pytest
from PIL import Image

from insm.data.dataset import load_dataset
from insm.datasets.photos.split_rule import split_of


def fill(place, names, size=(16, 16)):
    """Images whose grey values are 3 times their place in `names`."""
    for k, name in enumerate(names):
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", size, 3 * k).save(path)


def everything(dataset, place, most=200):
    """Both prepared splits with all images there are."""
    splits = {}
    for split in ("train", "test"):
        for count in range(most, 0, -1):
            try:
                splits[split] = dataset.build(split, count, 16, 0, place)
                break
            except Exception as error:
                assert "at most" in str(error) or "must be even" in str(error), error
    return splits


NAMES = [f"{k:03}.png" for k in range(60)]


@pytest.fixture
def tabled(tmp_path):
    """60 images and their table; image k has grey value 3 k."""
    fill(tmp_path, NAMES)
    rows = [f"{name},{k % 2},{k // 2 % 2},{k % 3 % 2}" for k, name in enumerate(NAMES)]
    (tmp_path / "mine.csv").write_text("\n".join(["image,Smiling,Male,Hat", *rows]))
    return tmp_path


def test_its_name_tells_attributes_and_layout():
    one, many, pairs, domains = map(
        load_dataset, ("folder:Hat", "folder:table:Smiling,Male", "folder:pairs:Photo", "folder:domains:a,b,c")
    )
    assert (one.name, one.attributes, one.groups, one.paired) == ("folder", ("Hat",), {"Hat": ("Hat",)}, False)
    assert many.attributes == ("Smiling", "Male") and many.exclusive == () and many.layout == "table"
    assert pairs.paired and pairs.attributes == ("Photo",)
    assert domains.exclusive == (("a", "b", "c"),)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("folder:tabel:Hat", ["no layout 'tabel'", "did you mean 'table'?"]),
        ("folder:pairs:A,B", ["two domains", "one attribute"]),
        ("folder:A,A", ["attribute 'A'"]),
        ("folder:a b", ["attribute 'a b'"]),
        ("folder:A,", ["attribute ''"]),
        ("folder:split", ["attribute 'split'"]),
    ],
)
def test_wrong_names_are_refused(complains, name, words):
    with complains(*words):
        load_dataset(name)


def test_a_table_gives_the_named_columns(tabled):
    splits = everything(load_dataset("folder:Male,Smiling"), tabled)
    assert sorted(f for p in splits.values() for f in p.table["file"]) == NAMES
    for split, prepared in splits.items():
        assert list(prepared.table) == ["Male", "Smiling", "file"] and prepared.table["Male"].dtype == np.uint8
        for image, row in zip(prepared.images, prepared.table.itertuples(), strict=True):
            k = int(row.file[:3])
            assert (image == 3 * k).all() and (row.Smiling, row.Male) == (k % 2, k // 2 % 2)
            assert split_of(row.file) == split


def test_a_table_may_hold_the_split_and_come_from_excel(tabled):
    rows = [f"{name}, 1 ,{'test' if k < 10 else 'train'}" for k, name in enumerate(NAMES)]
    (tabled / "mine.csv").write_text("﻿file,Hat,split\r\n" + "\r\n".join(rows) + "\r\n", encoding="utf-8")
    splits = everything(load_dataset("folder:Hat"), tabled)
    assert sorted(splits["test"].table["file"]) == NAMES[:10] and splits["train"].table["Hat"].all()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", ["no table"]),
        ("image\n000.png\n", ["no column 'Hat'", "it has none"]),
        ("image,Hats\n000.png,1\n", ["no column 'Hat'", "did you mean 'Hats'?"]),
        ("image,Hat\n000.png,-1\n001.png,0\n", ["Hat of 001.png is '0': values must be 0 and 1 (or -1 and 1"]),
        ("image,Hat\n000.png,\n", ["Hat of 000.png is '': values must be"]),
        ("image,Hat\n000.png,1\n000.png,0\n", ["names '000.png' twice"]),
        ("image,Hat\n../x.png,1\n", ["'../x.png'", "no file below"]),
        ("image,Hat\n/x.png,1\n", ["'/x.png'", "no file below"]),
        ("image,Hat,split\n000.png,1,dev\n", ["split of 000.png is 'dev', not train, val or test"]),
        ("image,Hat\n000.png,1,1\n,,", []),
        ("image,Hat,split\nabsent.png,1,train\n", ["absent.png is missing"]),
    ],
)
def test_wrong_tables_are_explained(tabled, complains, content, words):
    (tabled / "mine.csv").write_text(content)
    with complains(*words):
        load_dataset("folder:Hat").build("train", 1, 16, 0, tabled)


def test_two_subfolders_are_one_attribute(tmp_path):
    fill(tmp_path, [f"{folder}/{k}.png" for folder in ("summer", "winter") for k in range(30)])
    splits = everything(load_dataset("folder:winter"), tmp_path)
    for prepared in splits.values():
        assert (prepared.table["winter"] == prepared.table["file"].str.startswith("winter/")).all()
    assert sum(map(len, splits.values())) == 60


def test_several_subfolders_are_labels_that_exclude_each_other(tmp_path, complains):
    fill(tmp_path, [f"{folder}/{k}.png" for folder in "abc" for k in range(9)])
    with complains("name the layout, `folder:domains:a,b,c`"):
        load_dataset("folder:a,b,c").build("train", 4, 16, 0, tmp_path)
    prepared = everything(load_dataset("folder:domains:a,b,c"), tmp_path)["train"]
    assert (prepared.labels("abc").sum(axis=1) == 1).all()
    for names in ("a", "a,b", "a,b,d"):
        with complains("has the subfolders a, b, c", "name one of two subfolders, or all of several"):
            load_dataset(f"folder:domains:{names}").build("train", 4, 16, 0, tmp_path)


def test_cyclegans_folders_are_split_already(tmp_path):
    fill(tmp_path, [f"{folder}/{k}.png" for folder in ("trainA", "trainB", "testA", "testB") for k in range(5)])
    splits = everything(load_dataset("folder:Summer"), tmp_path)
    assert {split: len(prepared) for split, prepared in splits.items()} == {"train": 10, "test": 10}
    for split, prepared in splits.items():
        assert (prepared.table["Summer"] == prepared.table["file"].str.contains("A/")).all()
        assert prepared.table["file"].str.startswith(split).all()


@pytest.mark.parametrize("second", ["val", "test"])
def test_pairs_side_by_side(tmp_path, complains, second):
    fill(tmp_path, [f"{folder}/{k}.png" for folder in ("train", second) for k in range(5)], (32, 16))
    with complains("name the layout, `folder:pairs:Photo`"):
        load_dataset("folder:Photo").build("train", 4, 16, 0, tmp_path)
    splits = everything(load_dataset("folder:pairs:Photo"), tmp_path)
    for split, folder in (("train", "train"), ("test", second)):
        table = splits[split].table
        assert list(table) == ["Photo", "pair", "file"] and len(table) == 10
        assert (table["Photo"] == np.arange(10) % 2).all() and (table["pair"] == (np.arange(10) ^ 1)).all()
        assert (table["file"][::2].to_numpy() == table["file"][1::2].to_numpy()).all()
        assert sorted(table["file"][::2]) == [f"{folder}/{k}.png" for k in range(5)]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], ["holds nothing", "expected images and a table of labels (.csv", "or a subfolder for each domain"]),
        (["1.png", "2.png"], ["holds 1.png, 2.png: expected"]),
        ([f"{k}.png" for k in range(20)], ["and 12 more: expected"]),
        (["only/1.png"], ["holds only/: expected"]),
    ],
)
def test_unknown_layouts_say_what_was_found_and_is_expected(tmp_path, complains, names, words):
    fill(tmp_path, names)
    with complains(tmp_path, *words):
        load_dataset("folder:A").build("train", 4, 16, 0, tmp_path)


def test_a_named_layout_is_the_only_one_tried(tabled, complains):
    with complains("expected train/ and test/ (or val/) of images side by side"):
        load_dataset("folder:pairs:Hat").build("train", 4, 16, 0, tabled)
    with complains("data/raw/folder is missing", "set key data.source"):
        load_dataset("folder:Hat").build("train", 4, 16, 0, None)


def test_the_split_rule_is_stable():
    names = [f"{k}.jpg" for k in range(20_000)]
    share = np.mean([split_of(name) == "test" for name in names])
    assert share == pytest.approx(0.1, abs=0.01)
    assert [name for name in names if split_of(name) == "test"][:3] == ["3.jpg", "4.jpg", "14.jpg"]
