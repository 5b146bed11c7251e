"""Files of a study are compared with the records of the jobs that made them."""

import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
import typer

from insm.commands.verify import verify
from insm.reporting import verification
from insm.reporting.differences import TOLERANCE
from insm.reporting.verification import allowed_on, compare, expected_of
from tests.reporting.small_records import write_records

MODEL = "results/tiny/runs/land/a/seed0/model.npy"
TABLE = "results/tiny/tables/one.csv"


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Folder of a small study's results, committed; the project's folder is the working directory."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    made = write_records(folder)
    git = ["git", "-c", "user.name=me", "-c", "user.email=me@example.org"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"]):
        subprocess.run([*git, *command], check=True)
    return made


def statuses(results, expected=None, tolerance=None):
    found = compare(results, expected or expected_of(results), tolerance)
    return {finding.name: (finding.status, finding.text) for finding in found if finding.status != "same"}


def test_what_is_as_recorded_passes(results, capsys):
    assert statuses(results) == {}
    verify(results)
    assert capsys.readouterr().out == f"{results}: 5 files: 5 as recorded\n"


def test_a_damaged_file_is_named_with_the_size_of_the_damage(results, capsys):
    model = np.load(MODEL)
    model[5] += 0.5
    np.save(MODEL, model)
    table = pd.read_csv(TABLE)
    table.loc[1, "value"] = 0.75
    table.to_csv(TABLE, index=False)
    found = statuses(results)
    assert found.keys() == {MODEL, TABLE}
    assert found[MODEL] == ("differs", "1 of 2,000 numbers differ, at most by 0.5, on average by 0.00015 of them")
    assert found[TABLE] == ("differs", "1 of 2 numbers differ, at most by 0.5 (value), on average by 0.89 of them")
    with pytest.raises(typer.Exit) as end:
        verify(results)
    assert end.value.exit_code == 1
    assert f"{MODEL}: differ: 1 of 2,000" in capsys.readouterr().out


def test_missing_and_unknown_files_are_counted_but_are_no_faults(results, capsys):
    (results / "runs/land/b/seed0/model.npy").unlink()
    (results / "tables/mine.csv").write_text("a\n")
    (results / "logs").mkdir()
    (results / "logs/a.log").touch()
    verify(results)
    assert capsys.readouterr().out == f"{results}: 6 files: 4 as recorded, 1 not here, 1 without a record\n"


def test_another_folder_s_records_count_on_request(results, tmp_path):
    shutil.copytree(tmp_path / "project", tmp_path / "other")
    np.save(MODEL, np.load(MODEL) * 1.01)
    other = tmp_path / "other/results/tiny"
    expected = expected_of(other, tmp_path / "other")
    assert statuses(results, expected)[MODEL][0] == "differs"
    assert statuses(results, expected, tolerance=0.02)[MODEL][0] == "close"
    assert statuses(results, expected, tolerance=0.002)[MODEL][0] == "differs"


def test_only_another_kind_of_machine_has_a_tolerance():
    here = {"system": "Linux x86_64", "processor": "A", "gpu": None}
    assert allowed_on(here, here | {"processor": "B"}) == 0
    assert allowed_on(here, here | {"gpu": "H100"}) == allowed_on(here, here | {"system": "Linux aarch64"}) == TOLERANCE


def test_what_is_neither_in_git_nor_in_dvc_is_compared_by_bytes(results):
    subprocess.run(["git", "rm", "-q", "--cached", MODEL], check=True)
    subprocess.run(["git", "-c", "user.name=me", "-c", "user.email=me@example.org", "commit", "-qm", "two"], check=True)
    np.save(MODEL, np.load(MODEL) + 1)
    assert "not here to compare" in statuses(results)[MODEL][1]


def test_mistakes_are_told(results, tmp_path, complains):
    with complains("results/nothing is missing"):
        verify(tmp_path / "results/nothing")
    shutil.rmtree(results / "provenance")
    with complains("has no records", "run its study"):
        verify(results)
    with complains("config/tiny.yaml is missing"), verification.rebuilt(tmp_path / "project", "tiny"):
        pass
