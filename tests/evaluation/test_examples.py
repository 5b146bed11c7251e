"""Pictures of a few edits: what is written is read again, pixel for pixel."""

import numpy as np
import pytest
from PIL import Image

from insm.evaluation.examples import COUNT, examples_of, read_examples, save_examples, together

A, N, SIZE = 3, 5, 8


@pytest.fixture
def task():
    rng = np.random.default_rng(0)
    draw = lambda *shape: rng.integers(0, 256, (*shape, SIZE, SIZE, 3), dtype=np.uint8)  # noqa: E731
    return draw(N), rng.integers(0, 2, (N, A)), draw(A, N)


def test_the_first_images_and_their_edits_are_read_as_they_were(task, tmp_path):
    images, labels, edits = task
    save_examples(examples_of(images, labels, edits), tmp_path / "run.png")
    known = read_examples(tmp_path / "run.png")
    assert known.labels == labels[:COUNT].tolist()
    for image in range(COUNT):
        np.testing.assert_array_equal(known.rows[""][image, 0], images[image])
        np.testing.assert_array_equal(known.rows[""][image, 1:], edits[:, image])
    with Image.open(tmp_path / "run.png") as picture:
        assert picture.size == ((1 + A) * SIZE, COUNT * SIZE)


def test_runs_are_below_the_truth_each_under_its_name(task, tmp_path):
    images, labels, edits = task
    save_examples(examples_of(images, labels, None), tmp_path / "references.png")  # a task without a truth
    for name, made in (("a", edits), ("c", 255 - edits)):
        save_examples(examples_of(images, labels, made), tmp_path / f"{name}.png")
    both = together({name: tmp_path / f"{name}.png" for name in "ac"}, tmp_path / "references.png")
    save_examples(both, tmp_path / "all.png")
    rows = read_examples(tmp_path / "all.png").rows
    assert list(rows) == ["", "a", "c"] and rows[""].shape[1] == 1
    np.testing.assert_array_equal(rows["c"][1, 1:], 255 - edits[:, 1])


@pytest.mark.parametrize("content", [None, b"", b"no picture", "plain"])
def test_what_is_no_such_picture_is_named(content, tmp_path, complains):
    path = tmp_path / "run.png"
    if content == "plain":
        Image.new("RGB", (4, 4)).save(path)
    elif content is not None:
        path.write_bytes(content)
    with complains(str(path), "missing or holds no examples", "make it again"):
        read_examples(path)
