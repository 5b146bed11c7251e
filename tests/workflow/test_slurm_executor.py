"""Snakemake's executor for SLURM as the project changes it, without a cluster."""

import os
from types import SimpleNamespace

import pytest
from snakemake_executor_plugin_slurm import Executor as SlurmExecutor

from insm.support import refusals, slurm
from snakemake_executor_plugin_slurm_insm import LONGEST, Executor


@pytest.fixture
def executor(tmp_path, monkeypatch):
    """An executor that submits nothing; `told` is what it tells Snakemake of failed jobs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(refusals.SUBMISSION, "one")
    made = object.__new__(Executor)
    made.told = []
    monkeypatch.setattr(
        SlurmExecutor, "report_job_error", lambda self, info, msg=None, **_: self.told.append((info.job.attempt, msg))
    )
    return made


def job(*logs: str):
    return SimpleNamespace(log=logs, attempt=1, restart_times=3, is_group=lambda: False)


def refuse(log: str) -> None:
    record = refusals._record(os.path.realpath(log))
    record.parent.mkdir(parents=True)
    record.write_text("key x: wrong")


def test_a_killed_job_is_tried_again(executor):
    executor.report_job_error(SimpleNamespace(job=job("a.log")), msg="killed")
    assert executor.told == [(1, "killed")]


def test_a_job_that_failed_by_a_mistake_has_had_its_last_attempt(executor):
    refuse("b.log")
    group = SimpleNamespace(jobs=[job("a.log"), job("b.log")], attempt=1, restart_times=3, is_group=lambda: True)
    for failed in (job("b.log"), group):
        executor.report_job_error(SimpleNamespace(job=failed))
    assert [attempt for attempt, _ in executor.told] == [4, 4]
    assert all("not tried again" in message for _, message in executor.told)


def test_all_jobs_of_the_run_are_cancelled_also_those_that_snakemake_does_not_list(executor, monkeypatch):
    calls = []
    monkeypatch.setattr(SlurmExecutor, "cancel_jobs", lambda self, jobs: calls.append(jobs))
    monkeypatch.setattr(slurm, "command", lambda *words: calls.append(words))
    executor.run_uuid = "insm_7"
    executor.cancel_jobs([])
    assert calls == [[], ("scancel", "--quiet", "--name=insm_7")]


def test_ends_of_jobs_are_noticed_soon(executor):
    for asked, waited in ((10, 10), (180, LONGEST)):
        executor.next_seconds_between_status_checks = asked
        assert executor.next_seconds_between_status_checks == waited
