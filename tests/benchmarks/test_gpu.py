"""The script for a GPU, rehearsed on a CPU: checks, timings, trainings and archives; called again, it goes on."""

import os
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

from insm.networks.model_file import open_model
from insm.support.files import read_json, write_json
from tests import ROOT
from tests.few_packages import TO_TRAIN, environment

pytestmark = pytest.mark.slow

MODES = ["eager fp32", "recorded fp32", "recorded tf32", "recorded bf16"]
NEEDED = TO_TRAIN | {"torchvision", "pyyaml", "scikit-image", "scipy"}  # SciPy comes with scikit-image


def run(folder: Path, *options: str) -> str:
    command = [ROOT / "benchmarks/gpu.sh", "--study", ROOT / "tests/workflow/tiny.yaml", "--device", "cpu", *options]
    small = ["--methods", "stargan", "--sizes", "16", "--batch", "2", "--compared", "6", "--parallel", "1"]
    few = environment(folder, NEEDED) | {"PYTHON": sys.executable}
    done = subprocess.run([*command, *small], cwd=folder, env=few, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_it_is_cut_off_and_goes_on_with_few_packages(tmp_path):
    results = tmp_path / "gpu-results"
    run(tmp_path, "--minutes", "10", "--check-seconds", "120", "--time-seconds", "0")
    found = read_json(results / "checks.json")["stargan"]
    none = {"largest": 0.0, "mean": 0.0, "finite": True}
    assert found["recorded fp32"] == found["eager fp32 again"] == none and found["agree"], "the same code on a CPU"
    assert found["recorded bf16"]["finite"] and found["recorded bf16"]["largest"] > 0
    assert not (results / "timings.json").exists(), "there was no time"

    told = run(tmp_path, "--minutes", "10", "--time-seconds", "120")
    timings = read_json(results / "timings.json")
    assert list(timings) == sorted(f"stargan, 16 px, {mode}" for mode in MODES)
    assert all(each["ms_per_step"] > 0 and each["tflops"] > 0 for each in timings.values())
    assert "checks:" not in told, "nothing is done twice"

    packed = read_json(results / "packed.json")
    assert "tiny/land/plain/seed0" in packed and set(packed.values()) == {"part-1.tar"}
    with tarfile.open(results / "part-1.tar") as archive:
        names = archive.getnames()
        archive.extractall(tmp_path / "unpacked", filter="data")
    files = ("model.safetensors", "model.json", "log.csv")
    assert sorted(names) == sorted(f"{run}/{name}" for run in packed for name in files)
    method, info = open_model(tmp_path / "unpacked/tiny/land/plain/seed0")
    assert info.study == "tiny"
    assert all(value.isfinite().all() for value in getattr(method, method.translators[0]).parameters())


def probe(key: str, calls: Path) -> dict:
    """Work that fails as a key says."""
    with calls.open("a") as stream:
        print(key, os.getpid(), file=stream)
    match key:
        case "raises":
            raise ZeroDivisionError("of a kernel")
        case "dies":
            os.abort()
        case "hangs":
            time.sleep(600)
    return {"value": 1}


@pytest.fixture
def scripts(monkeypatch):
    """The folder of the scripts is where their modules are looked for, here and in processes that this one starts."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    yield
    for name in ("measuring", "packing", "methods", "sides", "peers", "stepping", "machine"):
        sys.modules.pop(name, None)


def test_a_key_that_fails_harms_no_other_one_and_is_tried_again(tmp_path, scripts):
    from measuring import measured

    file, calls, log = tmp_path / "found.json", tmp_path / "calls", tmp_path / "log"
    write_json(file, {"done": {"value": 0}, "raises": {"error": "of an earlier call"}})
    keys = ["done", "raises", "fine", "dies", "also fine", "hangs"]
    measured(file, probe, keys, {"calls": calls}, log, time.monotonic() + 60)
    assert read_json(file) == {
        "done": {"value": 0},
        "raises": {"error": "ZeroDivisionError: of a kernel"},
        "fine": {"value": 1},
        "dies": {"error": "its process ended with status -6"},
        "also fine": {"value": 1},
        "hangs": {"error": "stopped"},
    }
    asked = dict(line.rsplit(" ", 1) for line in calls.read_text().splitlines())
    assert list(asked) == keys[1:], "each once"
    assert asked["raises"] != asked["fine"] == asked["dies"] != asked["also fine"], "a process that failed is given up"


def test_runs_are_packed_as_they_finish(tmp_path, scripts, monkeypatch):
    import packing

    done, packed = [], []
    monkeypatch.setattr(packing, "finished", lambda plans: list(done))
    monkeypatch.setattr(packing, "pack", lambda *given, unfinished: packed.append((list(done), unfinished)))
    with packing.packing([], tmp_path, tmp_path, every=0.01):
        for run in ("one", "two"):
            done.append(run)
            before = time.monotonic()
            while len(packed) < len(done):
                assert time.monotonic() - before < 10
                time.sleep(0.01)
    assert packed == [(["one"], False), (["one", "two"], False), (["one", "two"], True)]


def test_an_installation_of_wheels_that_was_cut_off_is_made_again(tmp_path):
    (tmp_path / "benchmarks").mkdir()
    shutil.copy(ROOT / "benchmarks/gpu.sh", tmp_path / "benchmarks")
    (tmp_path / "benchmarks/gpu.py").write_text("import carried\nprint(carried.__file__)\n")
    wheels = tmp_path / ".wheels"
    wheels.mkdir()
    with zipfile.ZipFile(wheels / "carried-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("carried.py", "")
        wheel.writestr("carried-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: carried\nVersion: 1\n")
        wheel.writestr("carried-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("carried-1.dist-info/RECORD", "")
    killed = tmp_path / "killed"
    killed.write_text('#!/bin/sh\nmkdir -p "$9" && touch "$9/half" && exit 1\n')
    killed.chmod(0o755)
    script = tmp_path / "benchmarks/gpu.sh"
    first = subprocess.run([script], env=os.environ | {"PYTHON": str(killed)}, capture_output=True)
    assert first.returncode == 1 and list(wheels.rglob("half"))
    then = subprocess.run([script], env=os.environ | {"PYTHON": sys.executable}, capture_output=True, text=True)
    assert then.stdout.strip() == str(wheels / "site/carried.py"), then.stderr
    assert not list(wheels.rglob("half"))
