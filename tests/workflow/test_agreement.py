"""Snakemake and DVC agree about what is stale: a part of `make agreement`, most of it without running any job."""

import pytest

from tests.workflow.agreement import contents, pending, run, stale
from tests.workflow.perturbations import ALL
from tests.workflow.steps import MODEL, append, both, flip, setting, touch_everything

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


@pytest.mark.parametrize("engine", ["snakemake", "dvc"])
def test_either_engine_puts_back_what_was_damaged(tiny, engine):
    before = contents(tiny)
    flip(MODEL, keep_times=False)(tiny)
    assert run(tiny, engine) == set()
    assert contents(tiny) == before and not stale(tiny) and pending(tiny) == set()
