"""What SLURM prints."""

import pytest

from insm.support import slurm
from insm.support.refusals import SUBMISSION
from insm.support.slurm import seconds


@pytest.mark.parametrize(("text", "expected"), [("45", 45), ("1:05", 65), ("2:00:00", 7200), ("1-00:00:10", 86410)])
def test_times(text, expected):
    assert seconds(text) == expected


@pytest.mark.parametrize(
    ("submission", "left", "again"), [("1", "5:00", True), ("1", "1:00:00", False), ("", "5:00", False)]
)
def test_only_a_job_of_snakemake_whose_time_ends_is_queued_again(monkeypatch, submission, left, again):
    asked = []

    def answer(*words):
        asked.append(words[0])
        return f"RUNNING|{left}"

    monkeypatch.setattr(slurm, "command", answer)
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    monkeypatch.setenv(SUBMISSION, submission)
    assert slurm.queue_again(900) == again == ("scontrol" in asked)
