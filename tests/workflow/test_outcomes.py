"""A run whose committed outcomes have its identity is done: a clone without any model plans no training of it."""

import pytest

from insm.config.plan import plan_of
from insm.config.study import load_study
from insm.support.files import write_json
from insm.support.outcomes import identity_of
from insm.support.source_graph import source_graph
from tests import ROOT

STUDY = "smoke-evidence"
RUNS = [("init-c", 0), ("init-c", 1), ("stargan", 0), ("attgan", 0), ("attgan-2", 0)]
CHEAP = {
    "variants", "gather", "compare", "curves", "tabulate", "summary", "table1", "table3", "verdict", "notebook",
    "report", "all",
}  # fmt: skip


@pytest.fixture(scope="module")
def clone(fresh, tmp_path_factory):
    """A clone of a checkout in which all runs of the study were finished and committed, and nothing else is left."""
    task = plan_of(load_study(ROOT / f"config/{STUDY}.yaml"))["tasks"]["portraits"]
    graph = source_graph(tmp_path_factory.mktemp("graph"))
    folder = fresh.folder / f"results/{STUDY}/outcomes/portraits"
    for variant, seed in RUNS:
        write_json(
            folder / variant / f"seed{seed}.json", identity_of(task, variant, seed, lambda *names: graph.hash(names))
        )
    write_json(folder / "references.json", {})
    for stem in (folder / "references", *(folder / variant / f"seed{seed}" for variant, seed in RUNS)):
        for kind in ("numbers.parquet", "images.parquet", "examples.png"):
            stem.with_name(f"{stem.name}.{kind}").write_bytes(b"")  # planning reads none
    fresh.commit("Record outcomes")
    return fresh.clone("outcomes")


def edited(clone, path, before, after):
    """The jobs that are planned after an edit, which is then undone."""
    file = clone.folder / path
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after, 1))
    try:
        return clone.pending(STUDY)
    finally:
        file.write_text(text)


def test_nothing_is_trained_or_measured_again(clone):
    assert not (clone.folder / f"results/{STUDY}/runs").exists()
    assert clone.pending(STUDY).keys() <= CHEAP


@pytest.mark.parametrize("path", ["training/trainer.py", "evaluation/evaluator.py", "commands/doctor.py"])
def test_code_that_no_weights_depend_on_changes_no_identity(clone, path):
    line = "\nfrom pathlib import Path\n"
    jobs = edited(clone, f"src/insm/{path}", line, f"{line}\nNEW = Path()\n")
    assert jobs.keys() <= CHEAP


def test_what_weights_depend_on_makes_runs_pending_again(clone):
    jobs = edited(clone, f"config/{STUDY}.yaml", "lambda_rec: 1", "lambda_rec: 2")
    assert jobs["train"] == jobs["evaluate"] == 2, "INIT's seeds"
    jobs = edited(clone, "src/insm/methods/stargan.py", '"""', '"""Explained otherwise. ')
    assert jobs.keys() <= CHEAP
    jobs = edited(clone, "src/insm/methods/stargan.py", "\nimport torch\n", "\nimport torch\n\nNEW = 1\n")
    assert jobs["train"] == jobs["evaluate"] == 1 and jobs["embedding"] == jobs["references"] == 1


def test_a_study_without_its_reference_rows_measures_them_alone(clone):
    record = clone.folder / f"results/{STUDY}/outcomes/portraits/references.json"
    text = record.read_text()
    record.unlink()
    try:
        jobs = clone.pending(STUDY)
    finally:
        record.write_text(text)
    assert jobs["references"] == 1 and "train" not in jobs and "evaluate" not in jobs


def test_tables_of_the_finished_runs_need_no_other_run(clone):
    record = clone.folder / f"results/{STUDY}/outcomes/portraits/stargan/seed0.json"
    text = record.read_text()
    record.unlink()
    try:
        assert clone.pending(STUDY)["train"] == 1
        jobs = clone.pending(STUDY, "runs=finished")
        nothing = clone.run(
            "snakemake", "-n", "--config", "study=config/smoke.yaml", "runs=finished", "--", check=False
        )
    finally:
        record.write_text(text)
    assert jobs.keys() <= CHEAP and jobs["gather"] == jobs["table3"] == 1
    assert nothing.returncode and "no run of config/smoke.yaml is finished" in nothing.stderr
