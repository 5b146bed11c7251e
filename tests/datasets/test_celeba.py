"""CelebA: the official partition, central squares, labels that go with their images."""

import numpy as np
import pytest
from PIL import Image

from insm.data.dataset import load_dataset
from insm.datasets.celeba import ANNOTATIONS, IMAGES, PARTITION, read_partition
from insm.datasets.photos.celeba_attributes import ATTRIBUTES
from insm.datasets.photos.notes import Notes

FACES = load_dataset("celeba")
COUNT = 30
PART = {k: (0, 0, 1, 2)[k % 4] for k in range(1, COUNT + 1)}


def attribute(k: int, name: str) -> int:
    """The made-up label of image k."""
    return k * (3 + ATTRIBUTES.index(name)) // 7 % 2


@pytest.fixture
def source(tmp_path):
    """CelebA's folder with 30 images of 178 x 218: grey value 8 k, black above and below the central square."""
    (tmp_path / IMAGES).mkdir()
    for k in range(1, COUNT + 1):
        image = Image.new("RGB", (178, 218))
        image.paste((8 * k, 8 * k, 8 * k), (0, 20, 178, 198))
        image.save(tmp_path / IMAGES / f"{k:06}.jpg", quality=95)
    lines = [f"{k:06}.jpg  {' '.join('1' if attribute(k, name) else '-1' for name in ATTRIBUTES)}" for k in PART]
    (tmp_path / ANNOTATIONS).write_text("\n".join([str(COUNT), " ".join(ATTRIBUTES), *lines]) + "\n")
    (tmp_path / PARTITION).write_text("".join(f"{k:06}.jpg {part}\n" for k, part in PART.items()))
    return tmp_path


def test_the_official_partition_is_kept(source):
    splits = {"train": FACES.build("train", 15, 16, 0, source), "test": FACES.build("test", 7, 16, 0, source)}
    for split, part in (("train", 0), ("test", 2)):
        assert sorted(splits[split].table["id"]) == [k for k in PART if PART[k] == part]


def test_images_and_labels_belong_together_and_are_cropped_to_their_centre(source):
    split = FACES.build("train", 15, 16, 0, source)
    table = split.table
    assert list(table) == [*ATTRIBUTES, "id"] and split.images.shape == (15, 16, 16, 3)
    assert np.abs(split.images.astype(int) - 8 * table["id"].to_numpy()[:, None, None, None]).max() <= 4
    for name in ATTRIBUTES:
        assert table[name].tolist() == [attribute(k, name) for k in table["id"]]


def test_too_many_names_its_key(source, complains):
    with complains("key data.test can be at most 7"):
        FACES.build("test", 8, 16, 0, source)


@pytest.mark.parametrize(
    "content", ["", "hello", "000001.jpg 0\n", "1.jpg 0\n1.jpg 2\n", "1.jpg 0\n2.jpg 7\n3.jpg 2\n"]
)
def test_a_damaged_partition_file(tmp_path, complains, content):
    (tmp_path / PARTITION).write_text(content)
    with complains(tmp_path / PARTITION, "no partition file"):
        read_partition(tmp_path / PARTITION, Notes())


def test_missing_files_and_labels(source, complains):
    lines = (source / ANNOTATIONS).read_text().splitlines()
    (source / ANNOTATIONS).write_text("\n".join([str(COUNT - 1), *lines[1:-1]]))
    FACES.build("train", 4, 16, 0, source)
    (source / ANNOTATIONS).write_text("\n".join(["2", *lines[1:4]]))
    with complains(source / ANNOTATIONS, "lacks images"):
        FACES.build("train", 4, 16, 0, source)
    (source / PARTITION).unlink()
    with complains(source / PARTITION, "is missing", "into"):
        FACES.build("train", 4, 16, 0, source)


def test_other_attributes_can_be_chosen(source, complains):
    names = [*ATTRIBUTES, "Bald", "Mustache", "Gray_Hair"]
    lines = [f"{k:06}.jpg  {' '.join('1' if (k + j) % 3 else '-1' for j in range(len(names)))}" for k in PART]
    (source / ANNOTATIONS).write_text("\n".join([str(COUNT), " ".join(names), *lines]) + "\n")
    dataset = load_dataset("celeba:Mustache,Black_Hair,Gray_Hair")
    table = dataset.build("train", 15, 16, 0, source).table
    assert list(table) == ["Mustache", "Black_Hair", "Gray_Hair", "id"]
    assert table["Mustache"].tolist() == [int((k + names.index("Mustache")) % 3 > 0) for k in table["id"]]
    assert dataset.exclusive == (("Black_Hair", "Gray_Hair"),) and dataset.groups["Mustache"] == ("Mustache",)
    assert FACES.attributes == ATTRIBUTES, "the ten are the default still"
    with complains("celeba has no attribute 'Moustache'", "did you mean 'Mustache'?"):
        load_dataset("celeba:Moustache")
    with complains("'Bald' of celeba stands twice"):
        load_dataset("celeba:Bald,Bald")


@pytest.mark.parametrize("split", ["train", "test"])
def test_kaggles_copy_is_the_same(source, tmp_path_factory, split):
    copy = tmp_path_factory.mktemp("kaggle")
    (copy / IMAGES).mkdir()
    (copy / IMAGES / IMAGES).symlink_to(source / IMAGES)
    rows = [f"{k:06}.jpg,{','.join('1' if attribute(k, name) else '-1' for name in ATTRIBUTES)}" for k in PART]
    (copy / "list_attr_celeba.csv").write_text("\n".join([f"image_id,{','.join(ATTRIBUTES)}", *rows]) + "\n")
    (copy / "list_eval_partition.csv").write_text(
        "image_id,partition\n" + "".join(f"{k:06}.jpg,{part}\n" for k, part in PART.items())
    )
    one, other = (FACES.build(split, 7, 16, 0, place) for place in (source, copy))
    assert (one.images == other.images).all() and one.table.equals(other.table)
    assert FACES.count_raw_images(copy) == FACES.count_raw_images(source) == {"img_align_celeba": COUNT}


def test_the_validation_part_is_counted(source):
    (note,) = FACES.lazy_split("train", 15, 16, 0, source).notes()
    assert note.startswith(f"left out, the validation part: {sum(part == 1 for part in PART.values())} (000002.jpg, ")
