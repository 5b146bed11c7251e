"""The whole study in miniature, run as a person would."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest

from insm.config.plan import jobs_of, plan_of
from insm.config.study import load_study
from insm.datasets.fashion import DEBIAN, VARIABLE
from tests import ROOT
from tests.workflow.conftest import SMOKE

BIN = Path(sys.executable).parent
DESCRIBED = {path.stem for path in (ROOT / "docs/methods").glob("*.md")}  # the project's methods; there may be others


def test_a_run_is_evaluated_before_the_last_ones_begin(smoke):
    log = max((smoke.folder / ".snakemake/log").glob("*.log"), key=lambda path: path.stat().st_size).read_text()
    begun = re.findall(r"^Job \d+: (Train|Evaluate) [\w-]+ on \w+, seed \d+$", log, re.M)
    assert begun.index("Evaluate") < len(begun) - 1 - begun[::-1].index("Train"), "outcomes are kept as they come"


def test_every_result_is_there(smoke):
    root = smoke.folder / "results/smoke"
    numbers, study = pd.read_csv(root / "tables/metrics.csv"), load_study(smoke.folder / "config/smoke.yaml")
    assert set(numbers.task) == {"portraits", "vistas", "footwear"}
    assert {settings["method"] for settings in study.methods.values()} == DESCRIBED - {"relgan"}
    for task, table in numbers.groupby("task"):
        assert set(table.variant) == {"no edit", "ground truth", "real", "majority", *study.tasks[task].methods}
        truth = table[(table.variant == "ground truth") & (table.metric == "counterfactual_l1")]
        assert (truth.value == 0).all()
    table = pd.read_csv(root / "tables/table3-portraits.csv").set_index("variant")
    assert table.loc["init-c", "paper_fid"] == 11.16
    assert table.loc[[f"init-{letter}" for letter in "abcde"]].notna().all(axis=None)
    one, vistas, shoes = (
        pd.read_csv(root / f"tables/{name}.csv") for name in ("table1-portraits", "table2-vistas", "table2-footwear")
    )
    for table, method, ours, paper in (
        (one, "init", "init-c", "INIT"),
        (one, "stargan", "stargan", "StarGAN"),
        (one, "attgan", "attgan", "AttGAN"),
        (one, "stgan", "stgan", "STGAN"),
        (vistas, "cyclegan", "cyclegan", "CycleGAN"),
        (shoes, "pix2pix", "pix2pix", "Pix2pix"),
    ):
        assert {ours, paper} <= set(table[table.method == method].variant), "ours beside the paper's"
    assert "fid_summer" in vistas and "fid_edge" in shoes
    for name in ("table1", "table2", "table3", "figure1", "figure4", "figure5", "figure6", "diagnostics"):
        notebook = nbformat.read(root / f"notebooks/{name}.ipynb", 4)
        assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")
        assert (root / f"notebooks/{name}.html").stat().st_size > 100_000
    truth = np.load(root / "translations/portraits/multi-attribute-ground-truth.npy")
    for variant in study.tasks["portraits"].methods:
        assert np.load(root / f"translations/portraits/{variant}/multi-attribute-seed0.npy").shape == truth.shape


def test_snakemake_s_own_report_has_captions_and_categories(smoke):
    smoke.run("snakemake", "--report", "report.html", "--config", "study=config/smoke.yaml")
    html = (smoke.folder / "report.html").read_text()
    for word in ("Tables", "Figures", "Notebooks", "Samples", "Data", "config/smoke.yaml", "Drawn at the end"):
        assert word.lower() in html.lower(), word


def test_after_dvc_snakemake_has_nothing_to_do(smoke):
    assert smoke.pending() == {}
    assert "Nothing to be done" in smoke.snakemake().stderr


def test_touched_inputs_rerun_nothing_and_edits_rerun_what_depends_on_them(smoke):
    config, method = smoke.folder / "config/smoke.yaml", smoke.folder / "src/insm/methods/init.py"
    for path in (config, method, smoke.folder / "data/smoke/portraits/train.npy"):
        path.touch()
    assert smoke.pending() == {}
    before = config.read_text()
    config.write_text(before.replace("lambda_l1: 100", "lambda_l1: 50"))  # only footwear's method
    tables = {"gather", "variants", "tabulate", "summary", "compare", "table1", "table2", "table3", "verdict"}
    assert smoke.pending().keys() == {"train", "evaluate", *tables, "frames", "gallery", "notebook", "report", "all"}
    done = smoke.run("snakemake", "-n", "--config", "study=config/smoke.yaml")
    assert "Train init-paired on footwear" in done.stdout + done.stderr
    assert not re.search("(Train|Translate|Evaluate) .*portraits", done.stdout + done.stderr)
    config.write_text(before)
    assert smoke.pending() == {}


def train_arguments(smoke, folder):
    """Options of `insm job train` for a run of the study, with outputs in another folder; and the run's own folder."""
    settings = json.loads((smoke.folder / "results/smoke/config/portraits/settings.json").read_text())
    outputs = {
        "state": "state",
        "board": "board",
        "model": "model.safetensors",
        "log": "log.csv",
        "samples": "samples.png",
    }
    options = {
        "run": json.dumps(settings["runs"]["init-c"]["0"]),
        "data": "data/smoke/portraits/train.npy",
        "embedding": "results/smoke/pretrained/portraits/embedding.pt",
        "study": "smoke",
        **{name: str(folder / file) for name, file in outputs.items()},
        **{"device": "cpu", "log-every": "2", "checkpoint-every": "4", "sample-every": "4"},
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return words, smoke.folder / "results/smoke/runs/portraits/init-c/seed0"


def test_a_killed_training_resumes_to_the_same_bits(smoke, tmp_path):
    arguments, finished = train_arguments(smoke, tmp_path)
    command = ["insm", "job", "train", *arguments]
    checkpoint = tmp_path / "state/step-000000004.pt"
    victim = subprocess.Popen([str(BIN / "insm"), *command[1:]], cwd=smoke.folder)
    deadline = time.monotonic() + 120
    while not checkpoint.exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    assert checkpoint.exists()
    assert not (tmp_path / "model.safetensors").exists()
    smoke.run(*command)
    for name in ("model.safetensors", "log.csv", "samples.png"):
        assert (tmp_path / name).read_bytes() == (finished / name).read_bytes(), name


MODEL = "results/smoke/runs/portraits/init-c/seed0/model.safetensors"


def test_a_second_repro_runs_nothing(smoke):
    written = (smoke.folder / MODEL).stat().st_mtime_ns
    assert "up to date" in smoke.run("dvc", "repro", SMOKE).stdout
    assert (smoke.folder / MODEL).stat().st_mtime_ns == written


def test_dvc_restores_the_study_elsewhere(smoke, clone):
    """Pushed, then pulled in a clone: the same files, and nothing to do for either engine."""
    assert (clone.folder / MODEL).read_bytes() == (smoke.folder / MODEL).read_bytes()
    assert "up to date" in clone.run("dvc", "status", SMOKE).stdout
    assert clone.pending() == {}


def test_every_split_is_one_file_of_dvc(smoke, clone):
    """The folder data/<study> is one output, but a list of files, each kept under the MD5 of its bytes."""
    listing = json.loads(clone.run("dvc", "list", "-R", "--json", "--show-hash", ".", "data/smoke").stdout)
    checksums = {entry["path"]: entry["md5"] for entry in listing}
    for split in ("portraits/train.npy", "footwear/test.parquet", "vistas/train.sha256"):
        content = (smoke.folder / "data/smoke" / split).read_bytes()
        assert checksums[split] == hashlib.md5(content).hexdigest()
        assert (
            clone.folder / ".dvc/cache/files/md5" / checksums[split][:2] / checksums[split][2:]
        ).read_bytes() == content


def test_a_damaged_split_is_put_back_or_made_again(smoke, clone):
    """With the cache of DVC, then without; either way before any job reads it."""
    split, embedding = "data/smoke/portraits/train.npy", "results/smoke/pretrained/portraits/embedding.pt"
    content = (clone.folder / split).read_bytes()

    def damage():
        (clone.folder / split).unlink()  # DVC may have linked it to its cache
        (clone.folder / split).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))

    damage()
    done = clone.snakemake(embedding)
    assert f"put back from DVC's cache, since they are not what their jobs made: {split}" in done.stderr
    assert (clone.folder / split).read_bytes() == content
    shutil.rmtree(clone.folder / ".dvc/cache")
    damage()
    done = clone.snakemake(split, embedding)
    assert f"made again, since they are not what their jobs made: {split}" in done.stderr
    assert (clone.folder / split).read_bytes() == content
    assert (clone.folder / embedding).read_bytes() == (smoke.folder / embedding).read_bytes()


def test_a_mistake_in_the_study_file_is_one_line_before_any_job(smoke):
    path = smoke.folder / "config/wrong.yaml"
    path.write_text((smoke.folder / "config/smoke.yaml").read_text().replace("lambda_rec", "lambda_wreck"))
    done = smoke.snakemake(study="wrong", check=False)
    assert done.returncode != 0
    message = done.stderr.strip().splitlines()[-1]
    assert "config/wrong.yaml" in message
    assert "lambda_wreck" in message
    assert "did you mean 'lambda_rec'?" in message


@pytest.mark.parametrize("study", ["study", "budget", "full", "paper", "gpu", "fashion", "fashion-full", "smoke"])
def test_every_study_can_be_planned(fresh, study):
    """Snakemake plans exactly the jobs that `insm estimate` tells."""
    told = jobs_of(plan_of(load_study(fresh.folder / f"config/{study}.yaml")))
    assert fresh.pending(study) == told | {"all": 1}


def test_the_paper_s_study_is_planned_from_its_downloads_to_its_notebooks(fresh):
    tasks, runs = 3, 3 * 21  # seeds, variants of all tasks
    assert fresh.pending("paper") == {
        "fetch": tasks, "prepare": 2 * tasks, "card": tasks,
        "embedding": tasks, "identity_encoder": tasks, "classifier": tasks, "train": runs,
        "ground_truth": tasks, "sample_edits": 1, "apply_edits": 3 * 11, "references": tasks, "evaluate": runs,
        "gather": tasks, "frames": runs // 3, "gallery": tasks, "compare": tasks, "variants": tasks,
        "tabulate": 1, "summary": 1, "table1": 1, "table2": 2, "table3": 1, "verdict": 1, "notebook": 9, "report": 1,
        "all": 1,
    }  # fmt: skip


@pytest.mark.skipif(not DEBIAN.exists() and VARIABLE not in os.environ, reason=f"needs {DEBIAN} or {VARIABLE}")
def test_real_photographs(smoke):
    smoke.snakemake(study="smoke-fashion")
    numbers = pd.read_csv(smoke.folder / "results/smoke-fashion/tables/metrics.csv")
    assert set(numbers.variant) == {"no edit", "ground truth", "real", "majority", "init-paired"}
    assert (smoke.folder / "data/raw/fashion/checksums.json").exists()


# Last, since executed notebooks differ in their times of execution, which the tests of DVC would see.


def test_figures_are_the_same_bytes_when_they_are_made_again(smoke):
    """Every notebook draws, as PDF and as PNG."""
    root = smoke.folder / "results/smoke"
    for notebook in root.glob("notebooks/*.ipynb"):
        endings = [path.suffix for path in (root / "figures" / notebook.stem).iterdir()]
        assert endings.count(".pdf") == endings.count(".png") >= 1, notebook.stem
    before = {path: path.read_bytes() for path in (root / "figures/table3").iterdir()}
    (root / "notebooks/table3.ipynb").unlink()
    smoke.snakemake("results/smoke/notebooks/table3.ipynb")
    assert {path: path.read_bytes() for path in (root / "figures/table3").iterdir()} == before


def test_numbers_are_the_same_bytes_when_edits_are_evaluated_again(smoke):
    numbers = [path for path in (smoke.folder / "results/smoke/metrics").rglob("*") if path.is_file()]
    paths = [*numbers, *(path for path in (smoke.folder / "results/smoke/tables").rglob("*") if path.is_file())]
    before = {path: path.read_bytes() for path in paths}
    for path in numbers:
        path.unlink()
    smoke.snakemake(*(str(path.relative_to(smoke.folder)) for path in numbers), "tables")
    assert {path: path.read_bytes() for path in paths} == before
