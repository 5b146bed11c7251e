"""Outputs that are no longer what their jobs made are found, whatever was done to them."""

import json
import os
import shutil
import time
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest

from insm.support.outputs import RECORDS, REPLACED, TIMESTAMP, Outputs, md5

MODEL, FIGURES = "results/a/model.bin", "results/a/figures"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A project with a file and a folder that jobs made, and one output of another study."""
    monkeypatch.chdir(tmp_path)
    for path in (Path(MODEL), Path(FIGURES, "one.png"), Path(FIGURES, "two.png"), Path("results/b/model.bin")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"made by a job")
    for output in (MODEL, FIGURES, "results/b/model.bin"):
        finished(output)
    return tmp_path


def finished(output):
    """What Snakemake does when a job ends: its outputs get a time, which is recorded."""
    path = Path(output, TIMESTAMP) if Path(output).is_dir() else Path(output)
    path.touch()
    record = RECORDS / urlsafe_b64encode(output.encode()).decode()
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps({"endtime": path.stat().st_mtime}))


def outputs():
    return Outputs(["results/a"], Path(".snakemake/outputs-a.json"))


def recorded():
    found = outputs()
    assert found.changed() == []
    found.save()
    return outputs()


def flip(path, keep_times=True):
    """Change one byte in place: size and inode stay, and the times of access and change of content too."""
    before = path.stat()
    with path.open("r+b") as stream:
        stream.write(b"M")
    if keep_times:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_outputs_of_the_study_alone_are_looked_at():
    assert recorded().made() == [FIGURES, MODEL]


@pytest.mark.parametrize(
    "damage",
    [
        flip,
        lambda path: flip(path, keep_times=False),
        lambda path: path.write_bytes(b"made"),
        lambda path: path.write_bytes(b"made by another job"),
        lambda path: (path.unlink(), path.write_bytes(b"made by a man")),
        lambda path: (path.write_bytes(b"older"), os.utime(path, (0, 0))),
    ],
)
@pytest.mark.parametrize(("output", "file"), [(MODEL, MODEL), (FIGURES, f"{FIGURES}/one.png")])
def test_damage_is_found(output, file, damage):
    recorded()
    damage(Path(file))
    assert outputs().changed() == [output]


def test_a_file_that_a_folder_lacks_or_has_too_much_is_found():
    recorded()
    Path(FIGURES, "one.png").unlink()
    assert outputs().changed() == [FIGURES]
    Path(FIGURES, "one.png").write_bytes(b"made by a job")
    Path(FIGURES, "three.png").touch()
    assert outputs().changed() == [FIGURES]


def test_damage_before_the_first_look_is_found():
    """Of a Snakemake that was killed before it could keep its record."""
    time.sleep(0.01)
    Path(MODEL).write_bytes(b"damage")
    Path(FIGURES, "one.png").write_bytes(b"damage")
    assert outputs().changed() == [FIGURES, MODEL]


def test_what_a_job_made_again_is_recorded():
    recorded()
    time.sleep(0.01)
    Path(MODEL).write_bytes(b"made anew")
    finished(MODEL)
    assert recorded().record[MODEL]["files"][""][-1] == md5(Path(MODEL))


def test_the_same_bytes_in_another_file_are_no_damage():
    recorded()
    shutil.copy(MODEL, "copy")
    os.replace("copy", MODEL)
    assert outputs().changed() == []


def test_a_missing_output_is_snakemake_s_business():
    recorded()
    Path(MODEL).unlink()
    shutil.rmtree(FIGURES)
    assert outputs().changed() == []


@pytest.mark.parametrize("output", [MODEL, FIGURES])
def test_outputs_are_put_back_from_the_cache_and_the_damaged_ones_aside(output):
    record, files = recorded(), [path for path in Path("results/a").rglob("*.[bp]*n*") if path.is_file()]
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}
    for path in files:
        copy = Path("cache/files/md5", md5(path)[:2], md5(path)[2:])
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    damaged = Path(output) if Path(output).is_file() else Path(output, "one.png")
    damaged.write_bytes(b"damage")
    assert record.changed() == [output] and record.restore(output, Path("cache"))
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files} == before
    assert (REPLACED / damaged).read_bytes() == b"damage"
    assert record.changed() == []


def test_nothing_is_put_back_from_a_cache_that_lacks_it_or_is_damaged():
    record = recorded()
    Path(MODEL).write_bytes(b"damage")
    assert not record.restore(MODEL, Path("cache"))
    digest = record.record[MODEL]["files"][""][-1]
    copy = Path("cache/files/md5", digest[:2], digest[2:])
    copy.parent.mkdir(parents=True)
    copy.write_bytes(b"damaged too")
    assert not record.restore(MODEL, Path("cache")) and Path(MODEL).read_bytes() == b"damage"


def test_long_names_are_found():
    long = "results/a/" + "/".join(["x" * 100] * 3)
    Path(long).parent.mkdir(parents=True)
    Path(long).touch()
    code = urlsafe_b64encode(long.encode()).decode()
    record = RECORDS / f"@{code[:254]}" / code[254:]
    record.parent.mkdir(parents=True)
    record.write_text(json.dumps({"endtime": Path(long).stat().st_mtime}))
    assert long in recorded().made()
