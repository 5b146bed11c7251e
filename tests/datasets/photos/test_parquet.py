"""CelebA-HQ in parquet files: labels from their own columns or CelebA's list; damaged rows and columns are named."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from insm.datasets.photos.faces import CELEBA_LIST, MAPPING
from tests.datasets.photos.celeba_hq_files import (
    FACES,
    ORIGIN,
    bytes_of,
    shuffled,
    write_parquet,
)


@pytest.mark.parametrize("column", ["orig_file", "idx", None])
def test_parquet_files_may_take_their_labels_from_celeba(masked, original, tmp_path, column):
    for number, indices in enumerate(shuffled()):
        columns = {"orig_file": {"orig_file": [f"{ORIGIN[k]:06}.jpg" for k in indices]}, "idx": {"idx": indices}}
        write_parquet(original / f"{number}.parquet", masked, indices, column != "idx", **columns.get(column, {}))
    if column == "orig_file":
        (original / MAPPING).unlink()
    assert bytes_of(original, tmp_path, "train") == bytes_of(masked, tmp_path, "train")


def test_unreadable_images_in_a_parquet_file_are_named_by_file_and_row(parquet, complains):
    path = parquet / "data/train-1-of-2.parquet"
    table = pq.read_table(path)
    images = table.column("image").to_pylist()
    images[8] = {"bytes": images[8]["bytes"][:200], "path": images[8]["path"]}
    images[9] = {"bytes": None, "path": images[9]["path"]}
    images[11] = {"bytes": b"<html>", "path": images[11]["path"]}
    image = pa.array(images, table.schema.field("image").type)
    pq.write_table(table.set_column(0, "image", image), path, row_group_size=5)
    ids = dict(enumerate(shuffled()[1]))
    split = {
        row: "test"
        if ids[row] in set(FACES.build("test", 4, 16, 0, parquet.parent / "masked").table["id"])
        else "train"
        for row in (8, 9, 11)
    }
    assert set(split.values()) == {"train"}
    with complains(
        "3 images are unreadable",
        f"{path}, row 8, cannot be decoded",
        f"{path}, row 9, cannot be decoded (it holds no bytes)",
        f"{path}, row 11, cannot be decoded (cannot identify image file)",
    ):
        FACES.build("train", 36, 16, 0, parquet)


def test_wrong_columns_of_a_parquet_file_are_told(parquet, masked, complains):
    path = parquet / "data/train-0-of-2.parquet"
    table, tried = pq.read_table(path), []

    def refused(changed, *words):
        pq.write_table(changed, path)
        with complains(path, *words):
            FACES.build("train", 8, 16, 0, parquet)
        tried.append(words)

    refused(table.drop_columns("image"), "no column `image`", "it has label, Black_Hair")
    refused(table.set_column(0, "image", pa.array(["7.jpg"] * 15)), "no column `image` of bytes and path")
    refused(table.drop_columns(["Young", "Bangs"]), "no column Bangs, Young", CELEBA_LIST, MAPPING)
    refused(table.set_column(4, "Brown_Hair", pa.array([2] * 15)), "column Brown_Hair holds other values")
    refused(
        table.set_column(4, "Brown_Hair", pa.array([None] * 15, pa.int64())), "column Brown_Hair holds other values"
    )
    refused(table.append_column("idx", pa.array(["x"] * 15)), "row 0", "idx is 'x'", "add a column `idx`")
    refused(table.append_column("idx", pa.array([3] * 15)), "row 1,", "has index 3 as another")
    nameless = [{**image, "path": None} for image in table.column("image").to_pylist()]
    refused(
        table.set_column(0, "image", pa.array(nameless, table.schema.field("image").type)),
        "row 0",
        "image.path is None",
    )
    path.write_bytes(path.read_bytes()[:500])
    with complains(path, "truncated or no parquet file", "put the published file there"):
        FACES.build("train", 8, 16, 0, parquet)
    assert len(tried) == 8


def test_a_damaged_page_names_its_file(parquet, complains):
    path = parquet / "data/train-0-of-2.parquet"
    content = bytearray(path.read_bytes())
    first = content.index(b"\xff\xd8\xff")  # a JPEG file begins
    content[first - 60 : first] = bytes(60)
    path.write_bytes(content)
    with complains(path, "truncated or no parquet file"):
        FACES.build("train", 36, 16, 0, parquet)
