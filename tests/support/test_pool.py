"""Calls in several processes: what fails or is killed stops nothing else, and a deadline asks for a clean end."""

import gc
import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from insm.support.errors import UserError
from insm.support.files import read_json, write_text
from insm.support.pool import DONE, STOPPED, Call, Pool


def write(path: Path) -> None:
    print("writing")
    path.write_text(str(os.getpid()))


def copy(source: Path, target: Path) -> None:
    target.write_text(source.read_text())


def draw(images: Path, seed: str) -> None:
    write_text(images, seed)


class Cycle:
    """Something that refers to itself, and tells when it is freed."""

    def __init__(self, freed: Path):
        self.itself, self.freed = self, freed

    def __del__(self):
        self.freed.touch()


def leave_a_cycle(freed: Path) -> None:
    gc.disable()
    Cycle(freed)


def refuse() -> None:
    raise UserError("key batch: too large")


def be_killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def work_until_told(began: Path, saved: Path) -> None:
    def save(*_):
        saved.touch()
        sys.exit(75)

    signal.signal(signal.SIGTERM, save)
    began.touch()
    while True:
        time.sleep(0.01)


@pytest.fixture
def pool():
    pool = Pool(parallel=2, tell=lambda line: None)
    yield pool
    pool.close()


def call(tmp_path, function, name="", **arguments):
    name = name or function.__name__
    return Call(name, function, arguments, tmp_path / "logs" / f"{name}.log")


def test_a_failure_or_the_end_of_a_process_stops_no_other_call(pool, tmp_path):
    calls = [call(tmp_path, refuse), call(tmp_path, be_killed)]
    outcomes = pool.run([*calls, *(call(tmp_path, write, f"w{k}", path=tmp_path / f"{k}") for k in range(3))])
    assert outcomes.pop("refuse") == "key batch: too large"
    assert outcomes.pop("be_killed") == "its process ended with status -9"
    assert outcomes == {f"w{k}": DONE for k in range(3)}
    assert (tmp_path / "logs/w0.log").read_text() == "writing\n"
    assert "error: key batch" in (tmp_path / "logs/refuse.log").read_text()


def test_a_call_waits_for_another_and_is_left_out_if_that_fails(pool, tmp_path):
    first, then = tmp_path / "first", tmp_path / "then"
    pool.parallel = 3
    calls = [
        replace(call(tmp_path, copy, source=first, target=then), after="first"),
        replace(call(tmp_path, write, "never", path=tmp_path / "never"), after="refuse"),
        call(tmp_path, refuse),
        call(tmp_path, write, "free", path=tmp_path / "free"),
        call(tmp_path, write, "first", path=first),
    ]
    outcomes = pool.run(calls)
    assert outcomes.pop("refuse") == "key batch: too large"
    assert outcomes == dict.fromkeys(("copy", "free", "first"), DONE)
    assert then.read_text() == first.read_text() and not (tmp_path / "never").exists()


def test_processes_are_used_again(pool, tmp_path):
    for first in (0, 3):
        pool.run(call(tmp_path, write, f"w{k}", path=tmp_path / f"{k}") for k in range(first, first + 3))
    assert len({(tmp_path / f"{k}").read_text() for k in range(6)}) <= 2


def test_a_process_keeps_nothing_of_a_call(pool, tmp_path):
    pool.run([call(tmp_path, leave_a_cycle, freed=tmp_path / "freed")])
    assert (tmp_path / "freed").exists(), "before its outcome was told"


def test_an_output_that_has_another_name_elsewhere_is_left_there(pool, tmp_path):
    (tmp_path / "logs").mkdir()
    (tmp_path / "first.log").write_text("first")
    os.link(tmp_path / "first.log", tmp_path / "logs/write.log")
    pool.run([call(tmp_path, write, path=tmp_path / "made")])
    assert (tmp_path / "first.log").read_text() == "first"


def test_at_the_deadline_work_is_saved_and_nothing_else_begun(pool, tmp_path):
    began, saved = tmp_path / "began", tmp_path / "saved"
    pool.parallel = 1

    def deadline_once_begun(line):
        while not began.exists():
            time.sleep(0.01)
        pool.deadline = 0

    pool.tell = deadline_once_begun
    outcomes = pool.run([call(tmp_path, work_until_told, began=began, saved=saved), call(tmp_path, refuse)])
    assert outcomes == {"work_until_told": STOPPED}
    assert saved.exists()


def test_a_call_leaves_a_record_as_a_job_does(pool, tmp_path, monkeypatch):
    (tmp_path / "Snakefile").touch()
    monkeypatch.chdir(tmp_path)
    images = Path("data/tiny/land/train.npy")
    assert pool.run([call(tmp_path, draw, images=images, seed='{"seed": 4}')]) == {"draw": DONE}
    record = read_json(tmp_path / "results/tiny/provenance/data/land/train.npy.json")
    assert record["seed"] == 4 and record["outputs"].keys() == {str(images)}
    assert record["command"].startswith(f"insm job draw --images {images} --seed sha256:")
