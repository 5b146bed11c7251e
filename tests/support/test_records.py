"""Records of jobs: what they hold, and that a file with other bytes is never opened."""

import json
from importlib import metadata

import numpy as np
import pytest

from insm.support import records
from insm.support.files import load_array, read_json, save_array, write_json
from insm.support.recording import recording, versions


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder that passes for a project, in which this process works."""
    (tmp_path / "Snakefile").touch()
    monkeypatch.chdir(tmp_path)
    records._index.cache_clear()
    yield tmp_path
    records._index.cache_clear()


def make(project, seed=3, value=1):
    """Run a job that reads an array and writes two files -> its record."""
    records._index.cache_clear()
    with recording(["job", "make", json.dumps({"seed": seed})]):
        save_array(load_array(project / "data/tiny/land/train.npy") + np.uint8(value), project / "results/tiny/a/b.npy")
        write_json(project / "results/tiny/a/c.json", {"x": value})
        write_json(project / "results/tiny/logs/log.json", {})
    records._index.cache_clear()
    return project / "results/tiny/provenance/a/b.npy.json"


@pytest.fixture
def made(project):
    """The record of a finished job, and the one of the job that drew its input."""
    with recording(["job", "draw"]):
        save_array(np.arange(3000, dtype=np.uint8), project / "data/tiny/land/train.npy")
    return make(project)


def test_a_record_tells_what_was_read_and_made_by_whom(project, made):
    record = json.loads(made.read_text())
    files = {name: records.sha256(project / name) for name in ("results/tiny/a/b.npy", "results/tiny/a/c.json")}
    assert record["outputs"] == files, "no log"
    assert record["inputs"] == {"data/tiny/land/train.npy": records.sha256(project / "data/tiny/land/train.npy")}
    assert record["seed"] == 3 and len(record["settings"]) == 1
    assert record["command"].startswith("insm job make sha256:")
    assert record["versions"]["numpy"] == np.__version__ and record["seconds"] >= 0
    drawn = json.loads((project / "results/tiny/provenance/data/land/train.npy.json").read_text())
    assert drawn["inputs"] == {} and drawn["seed"] is None


def test_the_record_of_the_first_time_stays_while_nothing_differs(project, made):
    before = made.read_bytes()
    make(project)
    assert made.read_bytes() == before
    make(project, seed=4)
    assert made.read_bytes() != before
    before = made.read_bytes()
    make(project, seed=4, value=2)
    assert made.read_bytes() != before


def test_a_file_with_other_bytes_is_not_opened(project, made, complains):
    for name in ("results/tiny/a/b.npy", "data/tiny/land/train.npy"):
        path = project / name
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with complains(path, "other bytes", "dvc checkout", f"snakemake {name}"):
            load_array(path)
        path.write_bytes(content)
        assert len(load_array(path)) == 3000
    (project / "results/tiny/a/c.json").write_text("{}")
    with complains("results/tiny/a/c.json", "other bytes"):
        read_json(project / "results/tiny/a/c.json")


def test_a_job_that_fails_leaves_no_record(project, made):
    before = made.read_bytes()
    with pytest.raises(ZeroDivisionError), recording(["job", "make"]):
        write_json(project / "results/tiny/a/c.json", {"x": 5})
        _ = 1 / 0
    with pytest.raises(SystemExit), recording(["job", "make"]):
        write_json(project / "results/tiny/a/d.json", {})
        raise SystemExit(2)
    assert made.read_bytes() == before
    assert list((project / "results/tiny/provenance/a").iterdir()) == [made]


def test_the_command_line_s_own_exit_counts_as_success(project):
    with pytest.raises(SystemExit), recording(["job", "make"]):
        write_json(project / "results/tiny/a/d.json", {})
        raise SystemExit(0)
    assert (project / "results/tiny/provenance/a/d.json.json").exists()


def test_a_file_has_one_record(project, made):
    """Where jobs are cut otherwise than before, the record of the old job goes."""
    with recording(["job", "whole"]):
        write_json(project / "results/tiny/a/0.json", {})
        write_json(project / "results/tiny/a/c.json", {"x": 2})
    assert not made.exists()
    assert (project / "results/tiny/provenance/a/0.json.json").exists()


def test_a_damaged_record_is_named(project, made, complains):
    records._index.cache_clear()
    made.write_text("<<<<<<< HEAD")
    with complains(made, "no record", "git checkout"):
        load_array(project / "results/tiny/a/b.npy")


def test_what_other_processes_of_a_job_open_is_listed(project, made, monkeypatch):
    monkeypatch.setenv(records.OPENED, str(project / "opened.txt"))
    load_array(project / "results/tiny/a/b.npy")
    digest = records.sha256(project / "results/tiny/a/b.npy")
    assert (project / "opened.txt").read_text() == f"{digest}  results/tiny/a/b.npy\n"


@pytest.mark.parametrize("name", ["data/raw/yosemite/a.zip", "results/tiny/state/x.pt", "elsewhere/a/b.npy"])
def test_raw_files_checkpoints_and_files_elsewhere_are_no_results(project, name):
    assert records.place_of(project / name) is None


def test_versions_of_what_runs_from_its_sources(monkeypatch):
    """A package that is not installed has no metadata: its own word counts, if it has one."""

    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    known = versions()
    assert known["numpy"] == np.__version__ and known["insm"] == "unknown"
