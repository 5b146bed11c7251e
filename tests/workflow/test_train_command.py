"""`insm train` with the few packages that it needs: interrupted, Snakemake goes on from it and trains nothing again."""

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from insm.support.files import read_json
from tests import ROOT
from tests.few_packages import TO_TRAIN, environment
from tests.workflow.conftest import Checkout, checkout

pytestmark = pytest.mark.slow

OUTPUTS = ("model.safetensors", "model.json", "log.csv", "samples.png")
STEPS = {"long": 600, "short": 4}


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Checkout:
    """A checkout with a study of a long and a short run, and its plan."""
    copy = checkout(tmp_path_factory.mktemp("train") / "insm")
    study = yaml.safe_load((ROOT / "tests/workflow/tiny.yaml").read_text())
    study["tasks"]["land"]["methods"] = list(STEPS)
    plain, study["methods"], study["notebooks"] = study["methods"]["plain"], {}, []
    for name, steps in STEPS.items():
        own = {"label": name, "updates_factor": steps / 4, "aiw": {"enabled": name == "long"}}
        study["methods"][name] = plain | own
    (copy.folder / "config/two.yaml").write_text(yaml.safe_dump(study))
    copy.run("insm", "job", "configure", "config/two.yaml", "plan.json")
    return copy


def train(copy: Checkout, tmp_path: Path) -> subprocess.Popen:
    """Begin `insm train` in a process in which other packages and the network are missing."""
    call = "from pathlib import Path; from insm.commands.train import train; train(Path('plan.json'), parallel=2)"
    few = environment(tmp_path, TO_TRAIN, copy.folder / "src")
    return subprocess.Popen([sys.executable, "-c", call], cwd=copy.folder, env=few)


def outputs(copy: Checkout) -> dict[str, bytes]:
    runs = copy.folder / "results/tiny/runs"
    return {str(path.relative_to(runs)): path.read_bytes() for path in runs.rglob("*") if path.is_file()}


def printed(copy: Checkout, variant: str) -> str:
    """What all attempts at a run printed."""
    logs = sorted((copy.folder / "results/tiny/attempts/land" / variant / "seed0").glob("*.log"))
    return "".join(log.read_text() for log in logs)


def test_snakemake_goes_on_from_an_interrupted_command(copy, tmp_path):
    process = train(copy, tmp_path)
    short = copy.folder / "results/tiny/runs/land/short/seed0/model.json"  # the last of its outputs
    status = copy.folder / "results/tiny/attempts/land/long/seed0/status.json"
    while not (short.exists() and status.exists() and read_json(status)["step"] > 0):
        assert process.poll() is None, "it ended before it was interrupted"
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 75
    stopped = int(re.search(r"stopped at step (\d+)/600, saved", printed(copy, "long"))[1])
    assert 0 < stopped < 600

    made = outputs(copy)
    assert set(made) == {
        f"land/short/seed0/{name}" for name in ("model.safetensors", "model.json", "log.csv", "samples.png")
    }
    copy.snakemake("models", study="two")
    assert f"resuming at step {stopped}/600" in printed(copy, "long"), "its beginning was not trained again"
    assert "resuming at step 4/4" in printed(copy, "short"), "nothing of it was trained again"
    continued = outputs(copy)
    assert made.items() <= continued.items()
    told = copy.run("snakemake", "-n", "--config", "study=config/two.yaml", "--", "models")
    assert "Nothing to be done" in told.stdout + told.stderr

    assert list((copy.folder / "results/tiny/state").rglob("step-*.pt")), "kept until the whole study is recorded"
    copy.run("rm", "-r", "results/tiny/runs", "results/tiny/attempts", "results/tiny/state")
    copy.snakemake("models", study="two")
    assert "resuming" not in printed(copy, "long")
    assert outputs(copy) == continued, "the rule alone trains the same bytes"


def test_a_finished_study_is_not_trained_again(copy, tmp_path):
    before = outputs(copy)
    assert train(copy, tmp_path).wait(60) == 0
    assert outputs(copy) == before and "short" in str(before)
