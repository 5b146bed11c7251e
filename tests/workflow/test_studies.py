"""A study that is edited, copied, watched or interrupted: no result is taken for what its settings no longer say."""

import os
import re
import shutil
import signal
import subprocess
import time
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from tests import ROOT
from tests.workflow.conftest import BIN, Checkout
from tests.workflow.conftest import TINY as TINY_PIPELINE

TINY = (ROOT / "tests/workflow/tiny.yaml").read_text()
TARGETS = ("models", "tables")


def pending(copy: Checkout, study: str = "tiny") -> dict[str, int]:
    """Rules that a dry run of the models and tables lists, with their numbers of jobs."""
    done = copy.run("snakemake", "-n", "--quiet", "rules", "--config", f"study=config/{study}.yaml", "--", *TARGETS)
    return {name: int(count) for name, count in re.findall(r"^(\w+) +(\d+)$", done.stdout, re.M) if name != "total"}


def edit(copy: Checkout, *changes: tuple[str, str], study: str = "tiny") -> None:
    text = TINY
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (copy.folder / f"config/{study}.yaml").write_text(text)


def contents(folder: Path) -> dict[str, str]:
    """Every file that a run could read, with its hash."""
    files = (path for name in ("data", "results") for path in (folder / name).rglob("*") if path.is_file())
    return {str(path): sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_dry_run_writes_nothing_that_a_run_reads(tiny):
    before = contents(tiny.folder)
    edit(tiny, ("lambda_rec: 1", "lambda_rec: 7"), ("classifier: { updates: 2", "classifier: { updates: 3"))
    assert "train" in pending(tiny)
    assert contents(tiny.folder) == before
    edit(tiny)
    assert pending(tiny) == {}, "the first settings still are those of the results"


def test_a_dry_run_in_a_fresh_clone_leaves_no_results(tiny):
    shutil.rmtree(tiny.folder / "results/tiny")
    assert "train" in pending(tiny)
    assert not (tiny.folder / "results/tiny").exists()


def test_a_study_of_the_same_name_is_refused(tiny):
    before = contents(tiny.folder)
    edit(tiny, ("lambda_rec: 1", "lambda_rec: 7"), study="mine")
    done = tiny.snakemake("models", study="mine", check=False)
    assert done.returncode and "results/tiny belongs to config/tiny.yaml" in done.stderr
    assert contents(tiny.folder) == before and pending(tiny) == {}


def test_an_edited_table_of_a_person_s_own_makes_the_data_again(tiny, tmp_path):
    """Every label was wrong and is corrected; then an image is replaced."""
    folder = tmp_path / "own images"
    folder.mkdir()
    for k in range(60):
        Image.fromarray(np.full((16, 16, 3), 4 * k, dtype=np.uint8)).save(folder / f"{k:02}.png")
    table = pd.DataFrame({"image": [f"{k:02}.png" for k in range(60)], "Hat": [k % 2 for k in range(60)]})
    table.to_csv(folder / "labels.csv", index=False)
    own = f"dataset: 'folder:Hat', source: '{folder}', size: 16, train: 24, test: 2"
    edit(tiny, ("name: tiny", "name: own"), ("dataset: vistas, size: 16, train: 64, test: 8", own), study="own")
    text = (tiny.folder / "config/own.yaml").read_text()
    (tiny.folder / "config/own.yaml").write_text(text.replace("batch: 16", "batch: 8"))
    tiny.snakemake("data", study="own")

    def pending_data() -> bool:
        done = tiny.run("snakemake", "-n", "--config", "study=config/own.yaml", "--", "data")
        return "Prepare the" in done.stdout

    assert not pending_data()
    table.assign(Hat=1 - table.Hat).to_csv(folder / "labels.csv", index=False)
    assert pending_data()
    tiny.snakemake("data", study="own")
    prepared = pd.read_parquet(tiny.folder / "data/own/land/train.parquet")
    assert (prepared.Hat == 1 - prepared.file.str[:2].astype(int) % 2).all() and not pending_data()
    Image.fromarray(np.full((16, 16, 3), 255, dtype=np.uint8)).save(folder / "00.png")
    assert pending_data()


def test_a_failure_is_told_also_by_a_quiet_snakemake(tiny):
    edit(tiny, ("lambda_rec: 1", "lambda_rec: 1\n    optimiser: { lr: 1.0e+38 }"))
    command = ("snakemake", "--quiet", "all", "--config", "study=config/tiny.yaml", "--", "models")
    done = tiny.run(*command, check=False)
    assert done.returncode and "error: the study is not complete" in done.stderr


def start(copy: Checkout, *arguments: str, command: tuple[str, ...] | None = None) -> subprocess.Popen:
    """Snakemake, or another command, in a process group of its own."""
    paths = {"INSM_QUIET": "", "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(copy.folder / "src")}
    command = command or ("snakemake", "--config", "study=config/tiny.yaml", "--", *arguments)
    return subprocess.Popen(
        command, cwd=copy.folder, env=os.environ | paths, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip


def wait_for(condition, seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.1)


def test_edits_while_a_job_runs_do_not_change_what_it_is_taken_for(tiny):
    """The classifier of 400 updates, shown as a dry run of 3 while it trains, is not one of 3 afterwards."""
    log, classifier = "results/tiny/logs/land/classifier.log", "results/tiny/pretrained/land/classifier.pt"
    edit(tiny, ("classifier: { updates: 2", "classifier: { updates: 400"))
    (tiny.folder / log).unlink()
    run = start(tiny, classifier)
    wait_for(lambda: (tiny.folder / log).exists() and "classifier" in (tiny.folder / log).read_text())
    edit(tiny, ("classifier: { updates: 2", "classifier: { updates: 3"))
    assert "classifier" in pending(tiny)
    refused = tiny.snakemake(classifier, study="tiny", check=False)
    assert refused.returncode and "lock" in refused.stdout + refused.stderr
    assert run.wait(120) == 0
    assert "400/400" in (tiny.folder / log).read_text()
    assert "classifier" in pending(tiny), "three updates were asked for, and none of three was trained"


def test_a_killed_snakemake_leaves_no_lock_behind(tiny):
    edit(tiny, ("updates: 4, batch: 4", "updates: 4000, batch: 4"))
    run = start(tiny, "models")
    wait_for(lambda: list(tiny.folder.glob("results/tiny/state/land/plain/seed0-*/*")))
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    assert list((tiny.folder / ".snakemake/locks").iterdir())
    edit(tiny)
    tiny.snakemake("models", study="tiny")


def test_a_killed_dvc_leaves_nothing_behind(tiny):
    """Neither its jobs nor a lock: it goes on, and Snakemake has nothing to do then."""
    edit(tiny, ("updates: 4, batch: 4", "updates: 4000, batch: 4"))
    run = start(tiny, command=("dvc", "repro", TINY_PIPELINE))
    wait_for(lambda: list(tiny.folder.glob("results/tiny/state/land/plain/seed0-*/*")))
    run.kill()
    run.wait()
    wait_for(lambda: not list(tiny.folder.glob(".snakemake/locks/*")))
    edit(tiny)
    tiny.run("dvc", "repro", TINY_PIPELINE)
    assert "up to date" in tiny.run("dvc", "status", TINY_PIPELINE).stdout
    assert "Nothing to be done" in tiny.run("snakemake", "-n", "--config", "study=config/tiny.yaml").stdout


def test_a_copied_project_with_its_environment_is_refused(tiny, tmp_path):
    """Its `insm` would be that of the old folder."""
    shutil.copytree(tiny.folder, tmp_path / "copy", symlinks=True)
    done = Checkout(tmp_path / "copy").run(
        "env", f"PYTHONPATH={tiny.folder / 'src'}", "snakemake", "-n", "--config", "study=config/tiny.yaml", check=False
    )
    assert done.returncode and "another folder" in done.stderr
