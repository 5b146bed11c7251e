"""Files of a study are compared with the records of the jobs that made them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import typer

from insm.commands.verify import verify
from insm.reporting import verification
from insm.reporting.differences import TOLERANCE
from insm.reporting.verification import REPORT, allowed_on, compare, expected_of, rebuilt
from insm.support.files import save_array, write_text
from tests import ROOT
from tests.reporting.small_records import run, write_records

MODEL = "results/tiny/runs/land/a/seed0/model.npy"
TABLE = "results/tiny/tables/one.csv"
NOT_HERE = "the recorded ones are not here"


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Folder of a small study's results, committed, in a project with this one's settings of DVC, where we work."""
    folder = tmp_path / "project"
    (folder / ".dvc").mkdir(parents=True)
    monkeypatch.chdir(folder)
    for name in (".dvc/config", ".dvc/.gitignore"):
        shutil.copyfile(ROOT / name, folder / name)
    made = write_records(folder)
    subprocess.run(["git", "init", "-q"], check=True)
    commit()
    return made


def commit(*paths):
    """Put what is here, or some of it, into git."""
    git = ["git", "-c", "user.name=me", "-c", "user.email=me@example.org"]
    subprocess.run([*git, "add", "-A", *paths], check=True)
    subprocess.run([*git, "commit", "-qm", "one"], check=True)


def train(model):
    """The job of a training, which leaves a record, makes this model."""
    with run("train", json.dumps({"seed": 0, "variant": "a"})):
        save_array(model, Path(MODEL))


def fails(results):
    """`insm verify` exits with 1."""
    with pytest.raises(typer.Exit) as end:
        verify(results)
    return end.value.exit_code == 1


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
    assert fails(results)
    assert f"{MODEL}: differ: 1 of 2,000" in capsys.readouterr().out


def test_a_file_of_dvc_is_compared_with_the_copy_in_its_cache(results):
    """Git has a file of DVC that names the bytes; the default remote of the project is none, and nobody asks for it."""
    shutil.copytree("results/tiny/runs", "kept")
    subprocess.run(["git", "rm", "-qr", "--cached", "results/tiny/runs"], check=True)
    subprocess.run([sys.executable, "-m", "dvc", "add", "-q", "results/tiny/runs"], check=True)
    model = np.load(MODEL)
    Path(MODEL).unlink()  # DVC may have linked it to its copy
    np.save(MODEL, model + 1)
    assert statuses(results)[MODEL][1].startswith("2,000 of 2,000 numbers differ"), "by the file of now"
    commit()
    Path("results/tiny/runs.dvc").unlink()
    assert statuses(results)[MODEL][1].startswith("2,000 of 2,000 numbers differ"), "by the committed one"
    shutil.rmtree(".dvc/cache")
    assert NOT_HERE in statuses(results)[MODEL][1]


def test_the_committed_records_count_not_those_that_the_same_jobs_wrote(results, capsys):
    """Another machine makes the study again: its jobs overwrite the records, and its numbers differ a little."""
    record = results / "provenance/runs/land/a/seed0/model.npy.json"
    there = json.loads(record.read_text())
    there["machine"]["system"] = "Linux elsewhere"
    record.write_text(json.dumps(there))
    commit()
    model = np.load(MODEL)
    train(model * 1.01)
    assert statuses(results)[MODEL][0] == "close"
    verify(results)
    told = capsys.readouterr().out
    assert "records not as committed: 1" in told and f"commit {results}/provenance" in told
    train(model * 2)
    assert fails(results)
    commit()
    verify(results)
    assert capsys.readouterr().out.endswith("5 files: 5 as recorded\n"), "accepted"


def test_files_without_records_in_git_are_compared_with_those_here(results, capsys):
    with run("draw"):
        save_array(np.ones(5), results / "figures/new.npy")
    verify(results)
    assert "6 files: 6 as recorded" in capsys.readouterr().out
    (results / "figures/new.npy").write_bytes(b"other")
    assert statuses(results)["results/tiny/figures/new.npy"][0] == "differs"


def test_missing_and_unknown_files_are_counted_but_are_no_faults(results, capsys):
    other = results / "runs/land/b/seed0/model.npy"
    subprocess.run(["git", "rm", "-q", other], check=True)
    commit()
    for path in (results / "tables/mine.csv", Path("data/tiny/land/mine.npy"), results / "logs/a.log"):
        path.parent.mkdir(exist_ok=True)
        path.write_text("a\n")
    verify(results)
    assert capsys.readouterr().out.splitlines() == [
        "data/tiny/land/mine.npy: without a record",
        "results/tiny/tables/mine.csv: without a record",
        f"{results}: 7 files: 4 as recorded, 1 not here, 2 without a record",
    ]


def test_a_file_that_git_has_is_not_to_be_missing(results, capsys):
    mine = results / "tables/mine.csv"
    mine.write_text("a\n")
    commit()
    for path in (Path(TABLE), mine, Path("data/tiny/land/train.npy")):
        path.unlink()
    assert fails(results)
    assert capsys.readouterr().out.splitlines() == [
        "data/tiny/land/train.npy: deleted, though in git",
        f"{TABLE}: deleted, though in git",
        "results/tiny/tables/mine.csv: deleted, though in git",
        f"{results}: 6 files: 3 as recorded, 3 deleted, though in git",
    ]


def test_kept_outcomes_are_compared_with_the_record_of_what_was_measured(results):
    """They are copies of files of metrics/, which is not in git."""
    kept = results / "outcomes/land/a/seed0.numbers.npy"
    with run("evaluate"):
        save_array(np.ones(100), results / "metrics/land/a/seed0.numbers.npy")
    kept.parent.mkdir(parents=True)
    shutil.move(results / "metrics/land/a/seed0.numbers.npy", kept)
    commit()
    name = "results/tiny/outcomes/land/a/seed0.numbers.npy"
    assert name not in statuses(results)
    np.save(kept, np.ones(100) + 1)
    assert statuses(results)[name] == ("differs", "100 of 100 numbers differ, at most by 1, on average by 1 of them")
    kept.unlink()
    assert statuses(results)[name][0] == "deleted"
    (kept.parent / "seed1.numbers.npy").touch()
    assert statuses(results)["results/tiny/outcomes/land/a/seed1.numbers.npy"][0] == "unrecorded"


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


def test_a_processor_without_avx2_has_the_tolerance_too(tmp_path, monkeypatch):
    here = {"system": "Linux x86_64", "processor": "A", "gpu": None}
    told = tmp_path / "cpuinfo"
    assert verification.has_avx2(told), "nothing is told"
    told.write_text("processor : 0\nflags\t\t: fpu sse4_1 avx avx2\n")
    assert verification.has_avx2(told)
    told.write_text("processor : 0\nflags\t\t: fpu sse4_1 avx\n")
    assert not verification.has_avx2(told)
    monkeypatch.setattr(verification, "has_avx2", lambda: False)
    assert allowed_on(here, here) == TOLERANCE


def test_what_is_neither_in_git_nor_in_dvc_is_compared_by_bytes(results):
    subprocess.run(["git", "rm", "-q", "--cached", MODEL], check=True)
    commit("results/tiny/provenance")
    np.save(MODEL, np.load(MODEL) + 1)
    assert NOT_HERE in statuses(results)[MODEL][1]


@pytest.mark.parametrize(
    ("damage", "status"), (("true", None), (f"echo x,0,rate,1 >> {TABLE}", "differs"), (f"rm {TABLE}", "deleted"))
)
def test_a_study_is_made_again_and_its_report_alone_is_not_compared(results, tmp_path, damage, status, capfd):
    """The report names commits, and what is made again is made by another one."""
    report = results / REPORT
    with run("report"):
        write_text(report, "made by commit 1")
    shutil.copytree(results, "kept")
    making = f"rm -r results/tiny; cp -r kept results/tiny; echo made by commit 2 > results/tiny/{REPORT}; {damage}"
    write_text(Path("Snakefile"), f'rule all:\n    output: "results/tiny/{REPORT}"\n    shell: "{making}"\n')
    write_text(Path("profiles/default/config.yaml"), "cores: 1\n")
    write_text(Path("config/tiny.yaml"), "name: tiny\n")
    commit()
    with rebuilt(Path.cwd(), "tiny") as (made, expected):
        told = statuses(made, expected)
    assert told.pop(report.relative_to(Path.cwd()).as_posix())[0] == "dated"
    assert {name: found for name, (found, _) in told.items()} == ({TABLE: status} if status else {})


def test_a_damaged_committed_record_is_told(results, complains):
    record = results / "provenance/runs/land/a/seed0/model.npy.json"
    whole = record.read_text()
    record.write_text(whole[:40])
    commit()
    record.write_text(whole)
    with complains("model.npy.json is no record of a job in the commit"):
        verify(results)


def test_mistakes_are_told(results, tmp_path, complains):
    with complains("--against /", "results/<study>"):
        verify(results, Path("/"))
    with complains("results/nothing is missing"):
        verify(tmp_path / "results/nothing")
    shutil.rmtree(results / "provenance")
    commit()
    with complains("has no records", "run its study"):
        verify(results)
    with complains("config/tiny.yaml is missing"), rebuilt(tmp_path / "project", "tiny"):
        pass
