"""Layouts of folders: every image is in its split and domain, and what is left out is counted with a reason."""

import numpy as np
import pytest
from PIL import Image

from insm.data.dataset import load_dataset
from insm.datasets.photos.files import NO_IMAGE, suffixes
from insm.datasets.photos.layouts import LAYOUTS, find_layout
from insm.datasets.photos.notes import Notes
from insm.datasets.photos.split_rule import split_of


def fill(place, names, kind="png"):
    for name in names:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (16, 16), 200).save(place / name, kind)


def read(place, layout, *attributes):
    """The table of all images, and the notes."""
    notes = Notes()
    return LAYOUTS[layout].read(place, attributes, notes), notes.lines()


@pytest.mark.parametrize(
    "domains", [("mountain", "valley"), ("buses", "trains"), ("testimony", "training"), ("a", "test"), ("train", "x")]
)
def test_domains_may_be_called_like_splits(tmp_path, domains):
    files = {f"{domain}/{k:03}.png" for domain in domains for k in range(60)}
    fill(tmp_path, files)
    assert find_layout(tmp_path, LAYOUTS) == "domains"
    table, notes = read(tmp_path, "domains", domains[1])
    assert set(table["file"]) == files and not notes
    assert (table["split"] == table["file"].map(split_of)).all()
    assert (table[domains[1]] == table["file"].str.startswith(f"{domains[1]}/")).all()
    for split in ("train", "test"):
        assert set(table[domains[1]][table["split"] == split]) == {0, 1}, "both domains are in both splits"


@pytest.mark.parametrize("second", ["test", "val"])
def test_domains_may_be_divided_already(tmp_path, second):
    domains = ("angry", "happy", "neutral")
    files = [f"{split}/{domain}/{k}.png" for split in ("train", second) for domain in domains for k in range(4)]
    fill(tmp_path, files)
    assert find_layout(tmp_path, LAYOUTS) == "domains"
    table, notes = read(tmp_path, "domains", *domains)
    assert sorted(table["file"]) == sorted(files)
    assert (table["split"] == table["file"].map(lambda f: "train" if f.startswith("train/") else "test")).all()
    for domain in domains:
        assert (table[domain] == table["file"].str.contains(f"/{domain}/")).all()
    assert [note.partition(":")[0] for note in notes] == [
        "validation images, used as the test since there is no other"
    ] * (second == "val")


def test_validation_beside_a_test_is_left_out_and_counted(tmp_path):
    fill(
        tmp_path,
        [f"{split}/{domain}/{k}.png" for split in ("train", "val", "test") for domain in "ab" for k in range(3)],
    )
    table, notes = read(tmp_path, "domains", "a")
    assert len(table) == 12 and not table["file"].str.startswith("val").any()
    assert notes == ["left out, validation images, which nothing uses: 6 (val/a/0.png, val/a/1.png, val/a/2.png, ...)"]


def test_a_domain_that_a_part_lacks_is_told(tmp_path):
    fill(tmp_path, [f"train/{domain}/{k}.png" for domain in "abc" for k in range(3)] + ["test/a/0.png", "test/b/0.png"])
    assert read(tmp_path, "domains", "a", "b", "c")[1] == ["a domain without a folder in this part: 1 (test/c/)"]


def test_attributes_and_folders_must_agree(tmp_path, complains):
    fill(tmp_path, [f"{split}/{domain}/0.png" for split in ("train", "test") for domain in "abc"])
    with complains(f"{tmp_path}/train has the subfolders a, b, c", "the attributes are a, b"):
        read(tmp_path, "domains", "a", "b")


def test_every_ending_of_an_image_is_read(tmp_path):
    endings = {
        ".jpg": "jpeg", ".jfif": "jpeg", ".JPE": "jpeg", ".gif": "gif", ".avif": "avif", ".webp": "webp",
        ".bmp": "bmp", ".tif": "tiff", ".ppm": "ppm", ".jp2": "jpeg2000", ".tga": "tga", ".ico": "ico",
    }  # fmt: skip
    for domain in "ab":
        for ending, kind in endings.items():
            fill(tmp_path, [f"{domain}/x{ending}"], kind)
    table, notes = read(tmp_path, "domains", "a")
    assert len(table) == 2 * len(endings) and not notes
    counts = table["split"].value_counts()
    images = load_dataset("folder:a").build("train", int(counts["train"]), 16, 0, tmp_path).images
    assert (np.abs(images.astype(int) - 200) < 10).all()
    assert {".heic", ".h5", ".mpg", ".txt"}.isdisjoint(suffixes())


def test_what_is_no_image_is_left_out_and_counted(tmp_path):
    fill(tmp_path, [f"{domain}/{k}.png" for domain in ("cat", "dog") for k in range(3)])
    for name in (
        "dog/a.heic",
        "dog/b.heic",
        "cat/list.txt",
        "dog/._0.png",
        "cat/Thumbs.db",
        "__MACOSX/dog/x",
        "readme",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "dog/more").mkdir()
    fill(tmp_path, ["dog/more/0.png"])
    table, notes = read(tmp_path, "domains", "dog")
    assert len(table) == 6
    assert notes == [
        "left out, a folder inside a folder of images: 1 (dog/more/)",
        "left out, beside the folders: 1 (readme)",
        "left out, hidden or made by the system: 3 (__MACOSX/, cat/Thumbs.db, dog/._0.png)",
        f"{NO_IMAGE}: 3 (cat/list.txt, dog/a.heic, dog/b.heic)",
    ]


def test_folders_beside_cyclegans_are_counted(tmp_path):
    fill(
        tmp_path,
        [f"{split}{domain}/{k}.png" for split in ("train", "test", "val") for domain in "AB" for k in range(2)],
    )
    table, notes = read(tmp_path, "unpaired", "Summer")
    assert len(table) == 8 and notes == ["left out, beside the folders: 2 (valA/, valB/)"]


def test_pairs_are_told_from_domains_by_what_their_folders_hold(tmp_path):
    fill(tmp_path, [f"{split}/{k}.png" for split in ("train", "val", "test") for k in range(2)])
    assert find_layout(tmp_path, LAYOUTS) == "pairs"
    table, notes = read(tmp_path, "pairs", "Photo")
    assert sorted(table["file"][table["split"] == "test"]) == ["test/0.png", "test/1.png"]
    assert notes == ["left out, validation images, which nothing uses: 2 (val/0.png, val/1.png)"]


def test_too_few_images_tell_how_they_are_divided(tmp_path, complains):
    fill(tmp_path, [f"{domain}/{k}.png" for domain in "ab" for k in range(30)])
    table, _ = read(tmp_path, "domains", "a")
    train, test = (int((table["split"] == split).sum()) for split in ("train", "test"))
    with complains(
        f"{tmp_path} ({train} files for training, {test} for the test): key data.test can be at most {test}"
    ):
        load_dataset("folder:a").build("test", 30, 16, 0, tmp_path)
