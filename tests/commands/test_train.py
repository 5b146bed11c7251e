"""`insm train`: a task's runs begin when its own inputs are there; what fails or is cut off stops no other task."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from insm.commands import train as command
from insm.config.plan import plan_of
from insm.config.study import load_study
from insm.support.files import write_json
from tests import ROOT

pytestmark = pytest.mark.slow

TINY = load_study(ROOT / "tests/workflow/tiny.yaml")
MODEL = Path("results/tiny/runs/land/plain/seed0/model.safetensors")


@pytest.fixture
def plan(tmp_path, monkeypatch):
    """A plan in a folder of its own: task `land` of a few images, and `large` of so many that they take minutes."""
    land = TINY.tasks["land"].model_copy(update={"methods": ("plain",)})
    large = land.model_copy(update={"data": land.data.model_copy(update={"train": 200_000})})
    study = TINY.model_copy(update={"tasks": {"large": large, "land": land}, "notebooks": ()})
    monkeypatch.chdir(tmp_path)
    plan = plan_of(study)
    write_json(Path("plan.json"), plan)
    return plan


def begun() -> subprocess.Popen:
    call = "from pathlib import Path; from insm.commands.train import train; train(Path('plan.json'), parallel=2)"
    return subprocess.Popen([sys.executable, "-c", call], stderr=subprocess.PIPE, text=True)


def test_a_task_is_trained_while_another_one_is_drawn_and_cut_off(plan):
    process, made = begun(), command.inputs_of(plan, "large")[2]
    while not (MODEL.with_suffix(".json").exists() and list(made.glob("*.part"))):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    told = process.communicate(timeout=60)[1]
    assert process.returncode == 75 and "1 runs are left" in told
    assert MODEL.exists() and not list(made.iterdir()), "no half of a file"


def test_a_task_without_inputs_stops_no_other_one_and_is_told(plan):
    made = command.inputs_of(plan, "large")[2]
    made.parent.mkdir(parents=True)
    made.write_text("a file in place of a folder")
    process = begun()
    told = process.communicate(timeout=120)[1]
    assert process.returncode == 1 and f"large/inputs: cannot write {made}/train.npy" in told
    assert MODEL.exists() and "large/plain" not in told, "its run is not begun"


def test_inputs_are_drawn_on_all_cores(plan, monkeypatch):
    monkeypatch.setattr(command.os, "sched_getaffinity", lambda process: set(range(16)))
    for parallel, workers in ((1, 16), (2, 8), (4, 8), (32, 8)):
        calls = command.input_calls(plan, plan["tasks"], parallel)
        assert {call.arguments["workers"] for call in calls} == {workers}, "two tasks"


@pytest.mark.skipif(not torch.cpu._is_avx512_bf16_supported(), reason="this processor has no instructions for bf16")
def test_runs_in_bf16_use_the_instructions_for_it_also_after_others(tmp_path, monkeypatch):
    """Emulated, they take 14 times as long: oneDNN chooses once in a process, at its first product of matrices."""
    task = TINY.tasks["land"].model_copy(update={"methods": ("plain",)})
    rounded = task.model_copy(update={"training": task.training.model_copy(update={"precision": "bf16"})})
    study = TINY.model_copy(update={"tasks": {"full": task, "rounded": rounded}, "notebooks": ()})
    monkeypatch.chdir(tmp_path)
    write_json(Path("plan.json"), plan_of(study))
    monkeypatch.setenv("ONEDNN_VERBOSE", "1")
    call = "from pathlib import Path; from insm.commands.train import train; train(Path('plan.json'), parallel=1)"
    subprocess.run([sys.executable, "-c", call], check=True)
    used = {}
    for name in study.tasks:
        output = Path(f"results/tiny/logs/{name}/plain/train-seed0.log").read_text()
        used[name] = {line.split(",")[6] for line in output.splitlines() if "exec,cpu,convolution" in line}
    assert used["full"] and not any("bf16" in kernel or "amx" in kernel for kernel in used["full"])
    assert any("bf16" in kernel or "amx" in kernel for kernel in used["rounded"])
    assert not any("ref" in kernel for kernel in used["rounded"]), "emulated"


def test_a_split_is_whole_when_its_checksums_are_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    images = Path("state/train.npy")
    images.parent.mkdir()
    images.touch()
    assert not command.are_prepared(images)
    images.with_suffix(".sha256").touch()
    assert command.are_prepared(images)
