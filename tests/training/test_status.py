"""How far trainings are."""

import os
import socket

import pytest

from insm.config.plan import plan_of
from insm.config.study import load_study
from insm.support import slurm
from insm.support.errors import UserError
from insm.support.files import write_json
from insm.support.slurm import Job
from insm.training.attempt import Attempt
from insm.training.status import state_of, status_of, table
from tests import ROOT

HERE = {"state": "running", "host": socket.gethostname(), "job": None, "process": os.getpid()}


@pytest.mark.parametrize(
    ("finished", "report", "job", "state"),
    [
        (False, {}, None, "waiting"),
        (False, {}, Job("1", "PENDING", "", ""), "queued"),
        (False, HERE, None, "running"),
        (False, HERE | {"process": 2**22 + 1}, None, "killed"),
        (False, HERE | {"job": "7", "host": "node1"}, Job("7", "RUNNING", "", "node1"), "running"),
        (False, HERE | {"job": "7", "host": "node1"}, None, "killed"),
        (False, HERE | {"state": "stopped"}, None, "stopped"),
        (True, HERE | {"state": "finished"}, None, "finished"),
    ],
)
def test_states(finished, report, job, state):
    assert state_of(finished, report, job) == state


def test_every_training_of_a_study_has_a_row(tmp_path):
    study = load_study(ROOT / "config/smoke.yaml")
    runs = sum(len(task.methods) for task in study.tasks.values()) * len(study.seeds)
    rows = status_of(plan_of(study), tmp_path)
    assert len(rows) == runs + 3 * len(study.tasks)
    assert {row["state"] for row in rows} == {"waiting"}


def test_what_an_attempt_reports_is_shown(tmp_path):
    study = load_study(ROOT / "config/smoke.yaml")
    task, variant = next((name, task.methods[0]) for name, task in study.tasks.items())
    folder = tmp_path / "results" / study.name / "attempts" / task / variant / "seed0"
    attempt = Attempt(folder, total=10, batch=4)
    attempt.begin(2)
    attempt.saved(5)
    attempt.report("running", 6)
    row = next(row for row in status_of(plan_of(study), tmp_path) if row["training"] == f"{task}/{variant}/seed0")
    assert (row["state"], row["step"], row["checkpoint_step"], row["attempts"]) == ("running", 6, 5, 1)
    assert row["images_per_second"] > 0 and row["seconds_left"] > 0
    assert f"{task}/{variant}/seed0" in table([row]) and "6/10  60%" in table([row])
    write_json(folder / "status.json", {**HERE, "state": "stopped", "step": 6, "total": 10})
    Attempt(folder, total=10)
    row = next(row for row in status_of(plan_of(study), tmp_path) if row["training"] == f"{task}/{variant}/seed0")
    assert (row["state"], row["attempts"]) == ("stopped", 2)


def test_a_controller_that_does_not_answer_hides_nothing(tmp_path, monkeypatch, capsys):
    """Trainings of this machine are shown, with a note."""

    def fails(*_):
        raise UserError("squeue failed (Unable to contact slurm controller)")

    monkeypatch.setattr(slurm, "available", lambda: True)
    monkeypatch.setattr(slurm, "jobs_of", fails)
    assert status_of(plan_of(load_study(ROOT / "config/smoke.yaml")), tmp_path)
    assert "note: jobs of SLURM are not shown" in capsys.readouterr().err
