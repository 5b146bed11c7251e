"""A mistake that only a person can mend is told at once when a cluster tries the job again."""

import pytest

from insm.support import refusals
from insm.support.errors import TemporaryError, UserError

JOB = ["job", "train", "--run", "{}"]


@pytest.fixture(autouse=True)
def submission(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(refusals.SUBMISSION, "one")


def test_a_mistake_is_told_again_within_one_submission(complains, monkeypatch):
    refusals.check(JOB)
    refusals.keep(JOB, UserError("key x: wrong"))
    with complains("key x: wrong", "not tried again"):
        refusals.check(JOB)
    refusals.check([*JOB, "--other"])
    monkeypatch.setenv(refusals.SUBMISSION, "two")
    refusals.check(JOB)


def test_what_may_be_gone_next_time_is_tried_again():
    refusals.keep(JOB, TemporaryError("disk full"))
    refusals.check(JOB)


@pytest.mark.parametrize("arguments", [["estimate", "x.yaml"], []])
def test_commands_of_people_are_never_refused(arguments):
    refusals.keep(arguments, UserError("wrong"))
    refusals.check(arguments)


def test_without_a_cluster_nothing_is_recorded(monkeypatch, tmp_path):
    monkeypatch.delenv(refusals.SUBMISSION)
    refusals.keep(JOB, UserError("wrong"))
    assert not list(tmp_path.iterdir())
