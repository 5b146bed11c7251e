"""A mistake that only a person can mend is told from a job that was killed, by the log of the job."""

import os

import pytest

from insm.support import refusals
from insm.support.errors import TemporaryError, UserError


@pytest.fixture(autouse=True)
def submission(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(refusals.SUBMISSION, "one")


@pytest.fixture
def fails(tmp_path):
    """`fails(log, error)`: a job whose standard error goes to that file fails by that error."""

    def run(log: str, error: UserError) -> None:
        kept = os.dup(2)
        with (tmp_path / log).open("w") as stream:
            os.dup2(stream.fileno(), 2)
            try:
                refusals.keep(error)
            finally:
                os.dup2(kept, 2)
                os.close(kept)

    return run


def test_a_mistake_is_known_by_the_jobs_log_within_one_submission(fails, monkeypatch):
    fails("a.log", UserError("key x: wrong"))
    assert refusals.refused("a.log") and not refusals.refused("b.log")
    monkeypatch.setenv(refusals.SUBMISSION, "two")
    assert not refusals.refused("a.log")


def test_what_may_be_gone_next_time_is_tried_again(fails):
    fails("a.log", TemporaryError("disk full"))
    assert not refusals.refused("a.log")


def test_without_a_cluster_nothing_is_recorded(fails, monkeypatch, tmp_path):
    monkeypatch.delenv(refusals.SUBMISSION)
    fails("a.log", UserError("wrong"))
    assert [path.name for path in tmp_path.iterdir()] == ["a.log"]
