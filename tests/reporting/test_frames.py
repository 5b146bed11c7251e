"""Sample grids of a training are taken from TensorBoard's files and kept as equal bytes."""

import io

import numpy as np
from PIL import Image

from insm.reporting.frames import FRAMES, read_frames, sample_grids, save_frames
from insm.training.tensorboard import Scalars


def train(folder, steps, resumed_at=0):
    with Scalars(folder, resumed_at) as board:
        for step in steps:
            board.image(step, np.full((8, 8, 3), step // 100, dtype=np.uint8))


def test_a_few_are_taken_from_the_first_to_the_last(tmp_path):
    train(tmp_path / "long", range(100, 2100, 100))
    grids = sample_grids(tmp_path / "long")
    assert len(grids) == FRAMES and [*grids] == sorted(grids) and {100, 2000} <= grids.keys()
    assert {step: int(np.asarray(Image.open(io.BytesIO(png)))[0, 0, 0]) for step, png in grids.items()} == {
        step: step // 100 for step in grids
    }
    train(tmp_path / "short", [100, 200])
    assert [*sample_grids(tmp_path / "short")] == [100, 200]
    assert sample_grids(tmp_path / "none") == {}


def test_they_are_kept_as_the_same_bytes(tmp_path, complains):
    one, other = tmp_path / "one.zip", tmp_path / "other.zip"
    for path in (one, other):
        save_frames({100: b"first", 2000: b"last"}, path)
    assert one.read_bytes() == other.read_bytes() and read_frames(one) == {100: b"first", 2000: b"last"}
    save_frames({}, one)
    assert read_frames(one) == {}
    one.write_bytes(other.read_bytes()[:50])
    with complains(one, "no archive", "snakemake"):
        read_frames(one)
    with complains("gone.zip is missing"):
        read_frames(tmp_path / "gone.zip")


def test_a_training_that_went_on_from_a_checkpoint_has_each_step_once(tmp_path):
    train(tmp_path, [100, 200, 300])
    train(tmp_path, [300, 400], resumed_at=250)
    assert [*sample_grids(tmp_path)] == [100, 200, 300, 400]
