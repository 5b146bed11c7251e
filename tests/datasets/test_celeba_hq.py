"""CelebA-HQ: the test people are always the same, no one is in both splits, labels go with their images."""

import numpy as np
import pytest
from PIL import Image

from insm.data.dataset import load_dataset
from insm.datasets.celeba_hq import TEST, TEST_SEED, split_ids
from insm.datasets.photos.celeba_attributes import ATTRIBUTES
from insm.datasets.photos.faces import ANNOTATIONS, IMAGES, read_attributes
from insm.datasets.photos.notes import Notes

FACES = load_dataset("celeba_hq")
NAMES = ("Arched_Eyebrows", *reversed(ATTRIBUTES), "Wearing_Hat")  # neither our order nor our choice
COUNT = 40


def attribute(k: int, name: str) -> int:
    """The made-up label of image k."""
    return k * (3 + NAMES.index(name)) // 7 % 2


@pytest.fixture
def source(tmp_path):
    """CelebAMask-HQ's folder with 40 images; image k has grey value 6 k."""
    (tmp_path / IMAGES).mkdir()
    for k in range(COUNT):
        Image.new("L", (32, 32), 6 * k).save(tmp_path / IMAGES / f"{k}.jpg")
    lines = [f"{k}.jpg  {' '.join('1' if attribute(k, name) else '-1' for name in NAMES)}" for k in range(COUNT)]
    (tmp_path / ANNOTATIONS).write_text("\n".join([str(COUNT), " ".join(NAMES), *lines]) + "\n")
    return tmp_path


def test_it_is_described_as_portraits_are(portraits):
    assert (FACES.name, FACES.attributes) == ("celeba_hq", portraits.attributes)
    assert (FACES.exclusive, FACES.groups, FACES.paired) == (portraits.exclusive, portraits.groups, False)


def test_images_and_labels_belong_together(source):
    split = FACES.build("train", 36, 16, 0, source)
    table = split.table
    assert list(table) == [*ATTRIBUTES, "id"] and list(table.index) == list(range(36))
    assert split.images.shape == (36, 16, 16, 3) and split.labels(ATTRIBUTES).dtype == np.uint8
    assert np.abs(split.images[:, 0, 0, 0].astype(int) - 6 * table["id"]).max() <= 1
    for name in ATTRIBUTES:
        assert table[name].tolist() == [attribute(k, name) for k in table["id"]]


def test_splits_are_disjoint_complete_and_the_same_for_every_seed(source):
    one, other = ({s: FACES.build(s, n, 16, seed, source) for s, n in (("train", 36), ("test", 4))} for seed in (0, 1))
    for split in ("train", "test"):
        assert set(one[split].table["id"]) == set(other[split].table["id"])
    assert one["train"].table["id"].tolist() != other["train"].table["id"].tolist()
    assert sorted([*one["train"].table["id"], *one["test"].table["id"]]) == list(range(COUNT))


def test_fewer_are_the_first_of_the_same_order(source):
    whole, again, few = (FACES.build("train", n, 16, 0, source) for n in (36, 36, 10))
    assert (whole.images == again.images).all() and whole.table.equals(again.table)
    assert (whole.images[:10] == few.images).all() and whole.table[:10].equals(few.table)


def test_the_split_of_all_30_000_is_pinned():
    parts = split_ids(np.arange(30_000))
    assert len(parts["test"]) == 300 and len(parts["train"]) == 29_700
    assert (np.sort(np.concatenate(list(parts.values()))) == np.arange(30_000)).all()
    assert parts["test"][:5].tolist() == [98, 122, 362, 566, 579] and parts["test"].sum() == 4799622, (
        "another draw than every study before"
    )
    drawn = np.random.default_rng(TEST_SEED).choice(np.arange(30_000), TEST, replace=False)
    assert (parts["test"] == np.sort(drawn)).all(), "the list in git is the seeded draw"


def test_small_sets_keep_a_tenth_for_the_test():
    assert [len(split_ids(np.arange(n))["test"]) for n in (5, 40, 3000, 4000)] == [0, 4, 300, 300]


def test_the_order_of_the_file_does_not_matter(source):
    path = source / ANNOTATIONS
    before = read_attributes(path, "CelebAMask-HQ", ATTRIBUTES, Notes())
    head, names, *rows = path.read_text().splitlines()
    path.write_text("\r\n".join([head, names, *rows[::-1]]))
    assert read_attributes(path, "CelebAMask-HQ", ATTRIBUTES, Notes()).equals(before)


@pytest.mark.parametrize(("split", "count", "most"), [("train", 37, 36), ("test", 5, 4)])
def test_too_many_are_refused(source, complains, split, count, most):
    with complains(f"key data.{split} can be at most {most}", f"not {count}"):
        FACES.build(split, count, 16, 0, source)


def test_missing_and_unreadable_images_are_named(source, complains):
    path = source / IMAGES / f"{FACES.build('test', 4, 16, 0, source).table['id'][0]}.jpg"
    path.write_bytes(path.read_bytes()[:100])
    with complains(path, "cannot be decoded"):
        FACES.build("test", 4, 16, 0, source)
    path.unlink()
    with complains(path, "is missing"):
        FACES.build("test", 4, 16, 0, source)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "",
        lambda text: "<html>\nnot here\n</html>",
        lambda text: text[:-3],
        lambda text: text[: text.rindex("\n", 0, -1)],
        lambda text: text.replace("Young", "Old"),
        lambda text: text.replace("7.jpg  -1", "7.jpg  0").replace("7.jpg  1", "7.jpg  0"),
        lambda text: text.replace("\n7.jpg", "\n8.jpg"),
        lambda text: text.replace("\n7.jpg", "\nseven.jpg"),
    ],
)
def test_another_attribute_file_is_refused(source, complains, spoil):
    path = source / ANNOTATIONS
    path.write_text(spoil(path.read_text()))
    with complains(path, "truncated or no attribute file", "put CelebAMask-HQ's there"):
        FACES.build("train", 8, 16, 0, source)
