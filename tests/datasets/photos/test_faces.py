"""CelebA-HQ's three layouts: equal images give equal splits, and labels follow the mapping, not the number."""

import shutil

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from insm.datasets.photos.celeba_attributes import ATTRIBUTES
from insm.datasets.photos.faces import ANNOTATIONS, CELEBA_LIST, IMAGES, MAPPING, read_mapping
from insm.datasets.photos.notes import Notes
from tests.datasets.photos.celeba_hq_files import (
    COUNT,
    FACES,
    ORIGIN,
    attribute,
    attribute_file,
    bytes_of,
)


@pytest.mark.parametrize("split", ["train", "test"])
def test_all_layouts_of_the_same_images_give_the_same_split(masked, files, parquet, tmp_path, split):
    whole = bytes_of(masked, tmp_path, split)
    assert bytes_of(files, tmp_path, split) == whole == bytes_of(parquet, tmp_path, split, workers=3)
    table = pd.read_parquet(tmp_path / "a.parquet")
    assert all(table[name].tolist() == [attribute(k, name) for k in table["id"]] for name in ATTRIBUTES)
    assert [FACES.count_raw_images(place) for place in (masked, files, parquet)] == [{IMAGES.strip("/"): COUNT}] * 3


def test_the_first_layout_that_fits_is_used(masked, original):
    for name in (MAPPING, CELEBA_LIST):
        (masked / name).write_text("not read")
    assert len(FACES.build("test", 4, 16, 0, masked)) == 4


@pytest.mark.parametrize("removed", [IMAGES, ANNOTATIONS])
def test_a_folder_of_no_layout_is_told_all_three(masked, complains, removed):
    (masked / removed).rename(masked / "elsewhere")
    three = (
        f"CelebAMask-HQ's {IMAGES} and {ANNOTATIONS}; or a folder of images",
        f"{CELEBA_LIST} and {MAPPING}; or *.parquet",
    )
    with complains(f"{masked} holds", "elsewhere", *three):
        FACES.build("train", 8, 16, 0, masked)
    with complains("data/raw/celeba_hq is missing", "set key data.source", *three):
        FACES.build("train", 8, 16, 0, None)


def test_a_mapping_without_an_image_s_index_is_refused(files, complains):
    lines = (files / MAPPING).read_text().splitlines()
    (files / MAPPING).write_text("\n".join(line for line in lines if not line.startswith("7 ")))
    with complains(files / MAPPING, "lacks index 7", files / "images/7.jpg"):
        FACES.build("train", 8, 16, 0, files)


def test_a_list_without_a_mapped_image_is_refused(files, complains):
    rows = {f"{original:06}.jpg": k for k, original in ORIGIN.items() if k != 9}
    (files / CELEBA_LIST).write_text(attribute_file(rows))
    with complains(files / CELEBA_LIST, f"lacks {ORIGIN[9]:06}.jpg", "CelebA-HQ's 9"):
        FACES.build("train", 8, 16, 0, files)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "idx orig_idx orig_file\n",
        lambda text: "<html>not here</html>",
        lambda text: text[:-3],
        lambda text: text.replace("\n7 ", "\n8 "),
        lambda text: text.replace("000393", "000400"),
        lambda text: text.replace("000393.jpg", ""),
    ],
)
def test_another_mapping_is_refused(files, complains, spoil):
    (files / MAPPING).write_text(spoil((files / MAPPING).read_text()))
    with complains(files / MAPPING, "truncated or no mapping", "put CelebAMask-HQ's there"):
        FACES.build("train", 8, 16, 0, files)


def test_a_mapping_needs_no_header(files):
    whole = read_mapping(files / MAPPING)
    assert whole.to_dict() == ORIGIN
    (files / MAPPING).write_text((files / MAPPING).read_text().split("\n", 1)[1])
    assert read_mapping(files / MAPPING).equals(whole)


def test_missing_and_doubtful_images_of_a_folder_are_named(files, complains):
    (files / "images/3.jpg").rename(files / "images/03.JPG")
    FACES.build("train", 36, 16, 0, files)
    shutil.copy(files / "images/03.JPG", files / "images/3.png")
    with complains("03.JPG and 3.png have the same number"):
        FACES.build("train", 36, 16, 0, files)
    for path in (files / "images").glob("*3.*"):
        path.unlink()
    with complains(files / "images/3.jpg", "is missing"):
        for split, count in (("train", 36), ("test", 4)):
            FACES.build(split, count, 16, 0, files)
    (files / "masks").mkdir()
    (files / "masks/0.png").touch()
    with complains("images", "masks", "each holds numbered images"):
        FACES.build("train", 8, 16, 0, files)


def test_all_30_000_are_split_by_the_list_in_every_layout(tmp_path):
    """Without images: the layouts tell indices and labels, and the split knows the indices alone."""
    place, row = tmp_path / "files", " ".join(["1"] * len(ATTRIBUTES))
    (place / "images").mkdir(parents=True)
    (place / "images/0.jpg").touch()
    names = [f"{30_000 - k:06}.jpg" for k in range(30_000)]
    (place / MAPPING).write_text("\n".join(f"{k} {29_999 - k} {name}" for k, name in enumerate(names)))
    (place / CELEBA_LIST).write_text("\n".join(["30000", " ".join(ATTRIBUTES), *(f"{name} {row}" for name in names)]))
    images = pa.array([{"bytes": b"", "path": f"{k}.jpg"} for k in range(30_000)])
    (tmp_path / "parquet").mkdir()
    pq.write_table(
        pa.table({"image": images, **{name: [True] * 30_000 for name in ATTRIBUTES}}), tmp_path / "parquet/a.parquet"
    )
    ids = FACES.lazy_split("test", 300, 16, 0, tmp_path / "parquet").table["id"]
    assert sorted(ids)[:5] == [98, 122, 362, 566, 579] and ids.sum() == 4799622
    assert (
        sorted(FACES.images(place, Notes()).index)
        == list(range(30_000))
        == sorted(FACES.images(tmp_path / "parquet", Notes()).index)
    )
