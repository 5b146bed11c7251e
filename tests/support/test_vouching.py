"""What becomes of outputs that are not what their jobs made."""

import json
import os
import time
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest

from insm.support import vouching
from insm.support.outputs import RECORDS, REPLACED, md5
from insm.support.records import sha256
from insm.support.vouching import keep_record, outputs_of, pipeline_of, to_make_again

MODEL = "results/a/runs/task/init/seed0/model.safetensors"
STUDY = Path("config/a.yaml")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A project in which a job has made a model, of which DVC has a lock and nothing else."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_STAGE", raising=False)
    Path(MODEL).parent.mkdir(parents=True)
    Path(MODEL).write_bytes(b"made by a job")
    RECORDS.mkdir(parents=True)
    record = RECORDS / urlsafe_b64encode(MODEL.encode()).decode()
    record.write_text(json.dumps({"endtime": os.stat(MODEL).st_mtime}))
    pipeline_of("a").with_suffix(".lock").touch()
    keep_record("a")
    monkeypatch.setattr(vouching, "_vouched", lambda pipeline: False)
    monkeypatch.setattr(vouching, "_cache", lambda: Path("cache"))
    return tmp_path


def again(run: bool, wanted=(MODEL,)) -> set[str]:
    return to_make_again(STUDY, "a", wanted, run)


def cached() -> None:
    copy = Path("cache/files/md5", md5(Path(MODEL))[:2], md5(Path(MODEL))[2:])
    copy.parent.mkdir(parents=True)
    copy.write_bytes(Path(MODEL).read_bytes())


def damage() -> None:
    Path(MODEL).write_bytes(b"Made by a job")


def test_what_is_as_it_was_is_left_alone():
    before = os.stat(MODEL)
    assert again(run=False) == again(run=True) == set()
    assert os.stat(MODEL) == before


def test_a_dry_run_tells_of_damage_and_moves_nothing(capsys):
    cached()
    damage()
    assert again(run=False) == {MODEL}
    assert Path(MODEL).read_bytes() == b"Made by a job" and MODEL in capsys.readouterr().err


def test_a_run_puts_it_back_from_the_cache():
    cached()
    damage()
    assert again(run=True) == set()
    assert Path(MODEL).read_bytes() == b"made by a job" and (REPLACED / MODEL).read_bytes() == b"Made by a job"
    assert again(run=False) == set()


def test_a_run_puts_it_aside_where_the_cache_lacks_it():
    damage()
    assert again(run=True) == {MODEL}
    assert not Path(MODEL).exists() and (REPLACED / MODEL).read_bytes() == b"Made by a job"


def test_what_no_rule_makes_any_more_is_left_alone():
    damage()
    assert again(run=True, wanted=()) == set() and Path(MODEL).exists()


def test_dvc_gets_to_see_what_kept_its_times():
    """It looks at times, so that damage gets a new one before DVC is asked."""
    known = os.stat(MODEL)
    damage()
    os.utime(MODEL, ns=(known.st_atime_ns, known.st_mtime_ns))
    assert again(run=False) == {MODEL}
    assert os.stat(MODEL).st_mtime_ns > known.st_mtime_ns


def test_what_the_lock_records_is_taken_over(monkeypatch):
    taken = []
    monkeypatch.setattr(vouching, "_vouched", lambda pipeline: True)
    monkeypatch.setattr(vouching, "_accept", taken.append)
    assert again(run=True) == set() and not taken
    damage()
    assert again(run=True) == set() and taken == [STUDY]


def test_models_of_unknown_origin_are_refused(complains):
    """Pulled, then edited: nobody knows which settings they belong to."""
    for path in RECORDS.iterdir():
        path.unlink()
    for run in (True, False):
        with complains(MODEL, "make pull", "results/a/dvc.lock"):
            again(run)
    os.utime(MODEL, (0, 0))  # as `insm train` dates what Snakemake is to take over
    assert again(run=True) == set()
    os.utime(MODEL)
    pipeline_of("a").with_suffix(".lock").unlink()
    with complains(MODEL, "without Snakemake's record", "--touch --forceall all --config study=config/a.yaml"):
        again(run=True)
    begun = Path(".snakemake/incomplete") / urlsafe_b64encode(MODEL.encode()).decode()
    begun.parent.mkdir()
    begun.touch()
    assert again(run=True) == set(), "Snakemake was killed while its job ran, and runs it again"


OTHERS = ("data/a/task/train.npy", "results/a/pretrained/task/embedding.pt", "results/a/figures/table3")


@pytest.mark.parametrize("other", OTHERS)
def test_any_output_of_unknown_origin_is_refused_also_beside_known_ones(other, complains):
    """Otherwise Snakemake would take it for its own, whatever it was made from."""
    assert again(run=True, wanted=(MODEL, other)) == set(), "it is missing"
    Path(other).parent.mkdir(parents=True, exist_ok=True)
    Path(other).touch()
    with complains(other, "without Snakemake's record"):
        again(run=True, wanted=(MODEL, other))


def test_tables_are_in_git_and_come_without_records():
    table = Path("results/a/tables/metrics.csv")
    table.parent.mkdir()
    table.touch()
    assert again(run=True, wanted=(MODEL, str(table))) == set()


def test_a_dry_run_takes_nothing_over(monkeypatch, capsys):
    monkeypatch.setattr(vouching, "_vouched", lambda pipeline: True)
    monkeypatch.setattr(vouching, "_accept", lambda study: pytest.fail("it writes"))
    damage()
    with pytest.raises(SystemExit) as end:
        again(run=False)
    assert end.value.code == 0 and "Nothing to be done" in capsys.readouterr().err


def test_a_lock_does_not_vouch_for_what_the_record_of_the_job_contradicts(monkeypatch):
    """`dvc commit --force` takes over any bytes."""
    monkeypatch.setattr(vouching, "_vouched", lambda pipeline: True)
    Path("Snakefile").touch()
    record = Path("results/a/provenance/runs/task/init/seed0/model.json")
    record.parent.mkdir(parents=True)
    record.write_text(json.dumps({"outputs": {MODEL: sha256(Path(MODEL))}, "inputs": {}}))
    damage()
    assert again(run=False) == {MODEL}


def test_the_record_keeps_what_jobs_made_and_no_damage():
    damage()
    keep_record("a")
    assert outputs_of("a").changed() == [MODEL]
    time.sleep(0.01)
    Path(MODEL).write_bytes(b"made again")
    record = RECORDS / urlsafe_b64encode(MODEL.encode()).decode()
    record.write_text(json.dumps({"endtime": os.stat(MODEL).st_mtime}))
    keep_record("a")
    assert outputs_of("a").changed() == []


def test_the_embedded_study_s_pipeline_is_the_project_s():
    assert pipeline_of("study") == Path("dvc.yaml") and pipeline_of("full") == Path("results/full/dvc.yaml")
