"""The targets of the Makefile that are about one study, where DVC has nothing of it."""

import pytest

PIPELINE, LOCK = "results/smoke/dvc.yaml", "results/smoke/dvc.lock"


@pytest.fixture(scope="module")
def bare(fresh):
    """A clone in which the smoke study has no lock, and after the first test no pipeline."""
    copy = fresh.clone("bare")
    (copy.folder / LOCK).unlink(missing_ok=True)
    return copy


def make(copy, target):
    return copy.run("make", "--old-file", ".venv/ready", target, "STUDY=smoke", check=False)


def test_a_study_that_nobody_pushed_cannot_be_pulled(bare):
    done = make(bare, "pull")
    assert done.returncode and f"there is no {LOCK}" in done.stdout


@pytest.mark.parametrize("target", ["repro", "push", "pull", "status"])
def test_a_study_without_a_pipeline_gets_one_by_a_command_that_is_told(bare, target):
    (bare.folder / PIPELINE).unlink(missing_ok=True)
    done = make(bare, target)
    told = f"config/smoke.yaml has no pipeline of DVC yet: run `insm job pipeline config/smoke.yaml {PIPELINE}`"
    assert told in done.stdout and "does not exist" not in done.stdout + done.stderr
    assert bool(done.returncode) == (target != "status")
