"""The curves of a training: tags by group, DVCLive's files, and what a resumed training does with both."""

import json

import pytest

from insm.training.curves import Curves

accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")


def write(folder, steps, resumed_at=0, dvclive=False, factor=1.0):
    with Curves(folder, resumed_at, {"seed": 0}, dvclive) as curves:
        for step in steps:
            curves.write(step, {"loss": {"adv": factor * step}, "accuracy": {"mean": 0.5}})


def test_tags_tell_the_group_first(tmp_path):
    write(tmp_path, (1, 2))
    events = accumulator.EventAccumulator(str(tmp_path))
    events.Reload()
    assert sorted(events.Tags()["scalars"]) == ["accuracy/mean", "loss/adv"]


def test_without_the_key_there_are_no_files_of_dvclive(tmp_path):
    write(tmp_path, (1,))
    assert not (tmp_path / "dvclive").exists()


def test_dvclive_is_named_where_it_is_missing(tmp_path, monkeypatch, complains):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with complains("training.dvclive", "insm[dvclive]"):
        Curves(tmp_path, 0, {}, dvclive=True)


class TestDVCLive:
    @pytest.fixture(autouse=True)
    def needs(self):
        pytest.importorskip("dvclive")

    def rows(self, folder):
        head, *rows = (folder / "dvclive/plots/metrics/loss/adv.tsv").read_text().splitlines()
        assert head.split() == ["step", "adv"]
        return [tuple(map(float, row.split())) for row in rows]

    def test_it_has_a_table_for_every_curve_and_the_last_values(self, tmp_path):
        write(tmp_path, (1, 2), dvclive=True)
        assert self.rows(tmp_path) == [(1, 1), (2, 2)]
        assert json.loads((tmp_path / "dvclive/metrics.json").read_text())["loss"] == {"adv": 2.0}

    def test_a_resumed_training_goes_on_from_its_checkpoint(self, tmp_path):
        write(tmp_path, (1, 2, 3), dvclive=True, factor=10)
        write(tmp_path, (3, 4), resumed_at=2, dvclive=True)
        assert self.rows(tmp_path) == [(1, 10), (2, 20), (3, 3), (4, 4)]

    def test_a_training_that_starts_again_leaves_nothing_of_the_last(self, tmp_path):
        write(tmp_path, (1, 2, 3), dvclive=True)
        write(tmp_path, (1,), dvclive=True)
        assert self.rows(tmp_path) == [(1, 1)]
