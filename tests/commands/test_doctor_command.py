"""`insm doctor`: findings in words and as JSON, and the exit status."""

import json

import pytest
import typer

from insm.commands.doctor import doctor
from insm.support.site import DEFAULT
from tests import ROOT

STUDY = ROOT / "config/smoke.yaml"


def run(constraints, as_json=False, study=STUDY) -> int:
    with pytest.raises(typer.Exit) as done:
        doctor(study, slurm=False, site=DEFAULT, constraints=constraints, as_json=as_json)
    return done.value.exit_code


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("insm.reporting.machine.FREE", 0)  # whatever this machine's disk has left
    return tmp_path


def test_what_is_there_is_told_with_the_next_step(folder, capsys):
    assert run(folder / "none.txt") == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith("ok") for line in lines[:-1])
    assert lines[-1].split(maxsplit=1) == ["next", f"snakemake --config study={STUDY}"]
    assert sum("data of" in line for line in lines) == 3


def test_a_problem_is_exit_status_1_also_as_json(folder, capsys):
    (folder / "constraints.txt").write_text("numpy==0.0.1\n")
    assert run(folder / "constraints.txt", as_json=True) == 1
    told = json.loads(capsys.readouterr().out)
    assert [finding["name"] for finding in told["findings"] if finding["problem"]] == ["environment"]
    assert "again" in told["next"]


def test_outside_of_a_clone_the_machine_alone_is_checked(folder, capsys):
    assert run(folder / "none.txt", study=None) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "portraits" in lines[-2] and "insm edit" in lines[-1]
    assert not any("data of" in line for line in lines)
