"""TensorBoard's folder of a run holds the curves of one training."""

import pytest

from insm.training.tensorboard import Scalars

accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")

FIRST, SECOND = {"settings": {"lr": 1}}, {"settings": {"lr": 2}}


def write(folder, steps, identity, resumed_at=0):
    with Scalars(folder, resumed_at, identity) as scalars:
        for step in steps:
            scalars.write(step, {"adv": identity["settings"]["lr"] * 100 + step})


def curve(folder):
    events = accumulator.EventAccumulator(str(folder))
    events.Reload()
    return [(event.step, event.value) for event in events.Scalars("adv")]


def test_a_training_with_other_settings_replaces_the_curves_of_the_last(tmp_path):
    write(tmp_path, (1, 2, 3, 4), FIRST)
    write(tmp_path, (1, 2, 3), SECOND)
    assert curve(tmp_path) == [(1, 201), (2, 202), (3, 203)]


def test_a_training_that_starts_again_replaces_its_own_curves(tmp_path):
    write(tmp_path, (1, 2, 3), FIRST)
    write(tmp_path, (1,), FIRST)
    assert curve(tmp_path) == [(1, 101)]


def test_a_resumed_training_continues_its_curve_from_the_checkpoint(tmp_path):
    """What was written after the checkpoint is written again, once."""
    write(tmp_path, (1, 2, 3), FIRST)
    write(tmp_path, (3, 4), FIRST, resumed_at=2)
    assert curve(tmp_path) == [(1, 101), (2, 102), (3, 103), (4, 104)]


def test_a_training_resumed_after_another_one_ran_does_not_show_the_others_curve(tmp_path):
    write(tmp_path, (1, 2, 3), FIRST)
    write(tmp_path, (1, 2, 3, 4), SECOND)
    write(tmp_path, (3, 4), FIRST, resumed_at=2)
    assert curve(tmp_path) == [(3, 103), (4, 104)], "log.csv has all of them"


def test_other_files_of_the_folder_are_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    write(tmp_path, (1,), FIRST)
    write(tmp_path, (1,), SECOND)
    assert (tmp_path / "notes.txt").read_text() == "mine"
