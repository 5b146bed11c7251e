"""The script for a GPU, rehearsed on a CPU: checks, timings, trainings and archives; called again, it goes on."""

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from insm.networks.model_file import open_model
from insm.support.files import read_json
from tests import ROOT

pytestmark = pytest.mark.slow

MODES = ["eager fp32", "recorded fp32", "recorded tf32", "recorded bf16"]


def run(folder: Path, *options: str) -> str:
    command = [ROOT / "benchmarks/gpu.sh", "--study", ROOT / "tests/workflow/tiny.yaml", "--device", "cpu", *options]
    small = ["--methods", "stargan", "--sizes", "16", "--batch", "2", "--compared", "2", "--parallel", "1"]
    done = subprocess.run(
        [*command, *small], cwd=folder, env=os.environ | {"PYTHON": sys.executable}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_it_is_cut_off_and_goes_on(tmp_path):
    results = tmp_path / "gpu-results"
    run(tmp_path, "--minutes", "10", "--time-seconds", "0")
    checks = read_json(results / "checks.json")
    assert checks["stargan"]["recorded fp32"] == {"largest": 0.0, "mean": 0.0, "finite": True}, "the same code on a CPU"
    assert checks["stargan"]["recorded bf16"]["finite"] and checks["stargan"]["recorded bf16"]["largest"] > 0
    assert not (results / "timings.json").exists(), "there was no time"

    told = run(tmp_path, "--minutes", "10", "--time-seconds", "60")
    timings = read_json(results / "timings.json")
    assert list(timings) == sorted(f"stargan, 16 px, {mode}" for mode in MODES)
    assert all(each["ms_per_step"] > 0 and each["tflops"] > 0 for each in timings.values())
    assert "checks:" not in told, "nothing is done twice"

    packed = read_json(results / "packed.json")
    assert "land/plain/seed0" in packed and set(packed.values()) == {"part-1.tar"}
    with tarfile.open(results / "part-1.tar") as archive:
        names = archive.getnames()
        archive.extractall(tmp_path / "unpacked", filter="data")
    files = ("model.safetensors", "model.json", "log.csv")
    assert sorted(names) == sorted(f"{run}/{name}" for run in packed for name in files)
    method, info = open_model(tmp_path / "unpacked/land/plain/seed0")
    assert info.study == "tiny"
    assert all(value.isfinite().all() for value in getattr(method, method.translators[0]).parameters())
