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


def test_jobs_of_classifiers_and_of_trainings_submitted_by_hand_are_found(tmp_path, monkeypatch):
    study = load_study(ROOT / "config/smoke-evidence.yaml")
    task, variant = next((name, task.methods[0]) for name, task in study.tasks.items())
    run, second = f"{task}/{variant}/seed0", f"{task}/classifier-2"
    write_json(tmp_path / "results" / study.name / "attempts" / run / "status.json", {**HERE, "job": "7"})
    jobs = [
        Job("7", "RUNNING", "", "node1", snakemake=False),
        Job("8", "PENDING", f"rule_classifier_wildcards_{task}_classifier-2", ""),
    ]
    monkeypatch.setattr(slurm, "available", lambda: True)
    monkeypatch.setattr(slurm, "jobs_of", lambda *_, **__: jobs)
    states = {row["training"]: row["state"] for row in status_of(plan_of(study), tmp_path)}
    assert (states[run], states[second], states[f"{task}/classifier"]) == ("running", "queued", "waiting")


def test_a_log_is_copied_where_it_cannot_have_a_second_name(tmp_path, monkeypatch, capfd):
    said = tmp_path / "said.log"
    monkeypatch.setattr("os.path.realpath", lambda path: str(said))
    monkeypatch.setattr("os.link", lambda *_: (_ for _ in ()).throw(OSError("no links")))
    said.write_text("first\n")
    attempt = Attempt(tmp_path / "attempts", total=10)
    said.write_text("first\nsecond\n")
    attempt.begin(0)
    assert (tmp_path / "attempts/001.log").read_text() == "first\nsecond\n"


def test_a_status_that_cannot_be_written_ends_no_training(tmp_path, monkeypatch, capsys):
    attempt = Attempt(tmp_path, total=10)

    def fails(*_):
        raise UserError("cannot write status.json (Input/output error)")

    monkeypatch.setattr("insm.training.attempt.write_json", fails)
    attempt.begin(0)
    assert "warning" in capsys.readouterr().err


def test_a_controller_that_does_not_answer_hides_nothing(tmp_path, monkeypatch, capsys):
    """Trainings of this machine are shown, with a note."""

    def fails(*_, **__):
        raise UserError("squeue failed (Unable to contact slurm controller)")

    monkeypatch.setattr(slurm, "available", lambda: True)
    monkeypatch.setattr(slurm, "jobs_of", fails)
    assert status_of(plan_of(load_study(ROOT / "config/smoke.yaml")), tmp_path)
    assert "note: jobs of SLURM are not shown" in capsys.readouterr().err
