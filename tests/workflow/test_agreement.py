"""Snakemake and DVC agree about what is stale: a part of `make agreement`, most of it without running any job."""

import csv
import shutil

import pytest

from tests import ROOT
from tests.workflow.agreement import (
    COLUMNS,
    DECIDING,
    TABLE,
    code_of,
    contents,
    foretold,
    open_cases,
    pending,
    run,
    stale,
)
from tests.workflow.perturbations import ALL, FIRST
from tests.workflow.steps import MODEL, PIPELINE, append, both, flip, setting, touch_everything

CASES = {case.what: case for case in ALL}
LISTED = [
    "a loss weight of one variant",
    "the classifier's budget",
    "what a metric does, in a file dated 2001",
    "the figures' style",
    "another model in its place, older",
    "a figure deleted",
    "a byte of the training images, times kept",
    "the card's picture deleted",
    "a table edited",
    "a page of the docs",
]


def test_the_perturbations_are_enough():
    assert len(CASES) == len(ALL) >= 30 and sum(case.damage for case in ALL) >= 15


def test_what_was_measured_on_other_code_is_done_again():
    case, other = CASES["a model deleted"], CASES["nothing"]
    row = {"perturbation": case.what, "rules to run": foretold(case), "agreed": "yes", "code": "now"}
    assert open_cases([case, other], [row], "now") == [other]
    for change in ({"code": ""}, {"code": "before"}, {"agreed": "dvc ran nothing"}, {"rules to run": "train"}):
        assert open_cases([case, other], [row | change], "now") == [case, other], change


def test_what_makes_jobs_run_is_done_first():
    order = [case.what for case in open_cases(ALL, [], "now")]
    assert sorted(order) == sorted(CASES) and tuple(order[: len(FIRST)]) == FIRST
    runs = [bool(CASES[what].jobs) and not CASES[what].restored for what in order]
    assert runs == sorted(runs, reverse=True)


def test_code_is_what_decides_agreement(tmp_path):
    for pattern in DECIDING:
        for path in ROOT.glob(pattern):
            (tmp_path / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, tmp_path / path.relative_to(ROOT))
    code = code_of(tmp_path)
    assert code == code_of(ROOT)
    vouching = tmp_path / "src/insm/support/vouching.py"
    vouching.write_text(vouching.read_text() + "\n# A remark.\n")
    assert code_of(tmp_path) == code, "a comment decides nothing"
    for name in (
        "Snakefile",
        "workflow/rules/tables.smk",
        "src/insm/support/vouching.py",
        "src/insm/config/pipeline.py",
    ):
        (tmp_path / name).write_text((tmp_path / name).read_text() + "\nUNUSED = 1\n")
        assert code != (code := code_of(tmp_path)), name


def test_the_table_tells_of_perturbations_that_there_are():
    with TABLE.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    names = [row["perturbation"] for row in rows]
    assert len(set(names)) == len(names) and set(names) <= CASES.keys()
    assert all(tuple(row) == COLUMNS for row in rows)


@pytest.mark.parametrize("what", LISTED)
def test_what_both_call_stale(tiny, what):
    case = CASES[what]
    case.do(tiny)
    assert case.blind or stale(tiny) == case.dvc
    assert pending(tiny) == set(case.jobs)


def test_what_means_nothing_to_a_result_reruns_nothing(tiny):
    """Touched files, another order and spelling, how a training is watched, a comment in the code."""
    both(
        touch_everything,
        setting("size: 16, train: 64", "train: 64, size: 16"),
        setting("lambda_rec: 1\n", "lambda_rec: 1.0\n"),
        append("config/tiny.yaml", "# A remark.\n"),
    )(tiny)
    assert not stale(tiny)
    both(
        setting("log_every: 1, checkpoint_every: 2, sample_every: 4", "log_every: 2"),
        setting("device: cpu", "device: auto"),
        append("src/insm/losses/gan.py", "\n# A remark.\n"),
    )(tiny)
    assert pending(tiny) == set()


def test_what_no_job_made_is_not_pushed(tiny):
    lock = (tiny.folder / PIPELINE).with_suffix(".lock").read_bytes()
    flip(MODEL, keep_times=True)(tiny)
    done = tiny.run("make", "--old-file", ".venv/ready", "push", "STUDY=tiny", check=False)
    assert done.returncode and "not what its jobs made: see make status" in done.stdout
    assert (tiny.folder / PIPELINE).with_suffix(".lock").read_bytes() == lock
    assert not (tiny.folder.parent / "insm-dvc-remote").exists()


@pytest.mark.parametrize("engine", ["snakemake", "dvc"])
def test_either_engine_puts_back_what_was_damaged(tiny, engine):
    before = contents(tiny)
    flip(MODEL, keep_times=False)(tiny)
    assert run(tiny, engine) == set()
    assert contents(tiny) == before and not stale(tiny) and pending(tiny) == set()
