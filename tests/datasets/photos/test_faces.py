"""CelebA-HQ's three layouts: the same images give the same prepared split, and labels follow the mapping, not the number."""

import shutil

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from insm.data.dataset import load_dataset
from insm.data.preparation import save_split
from insm.datasets.photos.celeba_attributes import ATTRIBUTES
from insm.datasets.photos.faces import ANNOTATIONS, CELEBA_LIST, IMAGES, MAPPING, read_mapping
from insm.datasets.photos.notes import Notes

FACES = load_dataset("celeba_hq")
COUNT = 40
ORIGIN = {k: 400 - 7 * k for k in range(COUNT)}  # index in CelebA-HQ -> id in CelebA; 8 and others are both


def attribute(k: int, name: str) -> int:
    """The made-up label of image k of CelebA-HQ."""
    return k * (3 + ATTRIBUTES.index(name)) // 7 % 2


def attribute_file(rows: dict[str, int]) -> str:
    """A file of attributes: the name in each line -> whose attributes it has."""
    lines = [f"{name}  {' '.join('1' if attribute(k, a) else '-1' for a in ATTRIBUTES)}" for name, k in rows.items()]
    return "\n".join([str(len(rows)), " ".join(ATTRIBUTES), *lines]) + "\n"


@pytest.fixture
def masked(tmp_path):
    """CelebAMask-HQ's folder with 40 noisy images."""
    place = tmp_path / "masked"
    (place / IMAGES).mkdir(parents=True)
    for k in range(COUNT):
        noise = np.random.default_rng(k).integers(0, 256, (24, 24, 3), dtype=np.uint8)
        Image.fromarray(noise).save(place / IMAGES / f"{k}.jpg")
    (place / ANNOTATIONS).write_text(attribute_file({f"{k}.jpg": k for k in range(COUNT)}))
    return place


@pytest.fixture
def original(masked, tmp_path):
    """A folder with CelebA's list, which has other people too, and the mapping."""
    place = tmp_path / "original"
    place.mkdir()
    others = {f"{k:06}.jpg": k + 1 for k in range(1, 500) if k not in ORIGIN.values()}
    own = {f"{original:06}.jpg": k for k, original in ORIGIN.items()}
    (place / CELEBA_LIST).write_text(attribute_file(dict(sorted((others | own).items()))))
    rows = [f"{k:<10} {original - 1:<10} {original:06}.jpg" for k, original in ORIGIN.items()]
    (place / MAPPING).write_text("\n".join(["idx        orig_idx   orig_file", *rows]) + "\n")
    return place


@pytest.fixture
def files(masked, original):
    """Images in a folder of another name, beside list and mapping."""
    shutil.copytree(masked / IMAGES, original / "images")
    return original


def write_parquet(path, masked, indices, paths=True, **columns):
    """Images of some indices as Hugging Face's libraries write them, in groups of 7 rows."""
    images = [
        {"bytes": (masked / IMAGES / f"{k}.jpg").read_bytes(), "path": f"{k}.jpg" if paths else None} for k in indices
    ]
    type_ = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    table = pa.table({"image": pa.array(images, type_), **columns})
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, row_group_size=7)


def shuffled() -> list[list[int]]:
    """The indices in two parquet files: neither sorted nor even."""
    order = np.random.default_rng(0).permutation(COUNT).tolist()
    return [order[:15], order[15:]]


@pytest.fixture
def parquet(masked, tmp_path):
    """Two files with the ten attributes as attributes and true or false."""
    place = tmp_path / "parquet"
    for number, indices in enumerate(shuffled()):
        kind = (int, bool)[number]
        labels = {name: [kind(attribute(k, name)) for k in indices] for name in ATTRIBUTES}
        write_parquet(place / f"data/train-{number}-of-2.parquet", masked, indices, label=indices, **labels)
    return place


def bytes_of(place, tmp_path, split, workers=1) -> tuple[bytes, bytes]:
    images, table = tmp_path / "a.npy", tmp_path / "a.parquet"
    save_split(FACES.lazy_split(split, {"train": 36, "test": 4}[split], 16, 0, place), images, table, workers)
    return images.read_bytes(), table.read_bytes()


@pytest.mark.parametrize("split", ["train", "test"])
def test_all_layouts_of_the_same_images_give_the_same_split(masked, files, parquet, tmp_path, split):
    whole = bytes_of(masked, tmp_path, split)
    assert bytes_of(files, tmp_path, split) == whole == bytes_of(parquet, tmp_path, split, workers=3)
    table = pd.read_parquet(tmp_path / "a.parquet")
    assert all(table[name].tolist() == [attribute(k, name) for k in table["id"]] for name in ATTRIBUTES)
    assert [FACES.count_raw_images(place) for place in (masked, files, parquet)] == [{IMAGES.strip("/"): COUNT}] * 3


@pytest.mark.parametrize("column", ["orig_file", "idx", None])
def test_parquet_files_may_take_their_labels_from_celeba(masked, original, tmp_path, column):
    for number, indices in enumerate(shuffled()):
        columns = {"orig_file": {"orig_file": [f"{ORIGIN[k]:06}.jpg" for k in indices]}, "idx": {"idx": indices}}
        write_parquet(original / f"{number}.parquet", masked, indices, column != "idx", **columns.get(column, {}))
    if column == "orig_file":
        (original / MAPPING).unlink()
    assert bytes_of(original, tmp_path, "train") == bytes_of(masked, tmp_path, "train")


def test_the_first_layout_that_fits_is_taken(masked, original):
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


def test_broken_images_in_a_parquet_file_are_named_by_file_and_row(parquet, complains):
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
