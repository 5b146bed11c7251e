"""Snakemake's executor for SLURM (`executor: slurm-insm` in slurm/config.yaml), with three changes.

A job that failed by a mistake which only a person can mend is not submitted again; Ctrl-C cancels all jobs, also while
their states are being asked for; and the end of a job is noticed within half a minute, not three.
"""

import contextlib
from typing import Any

from snakemake_executor_plugin_slurm import Executor as SlurmExecutor
from snakemake_executor_plugin_slurm import ExecutorSettings, common_settings

from insm.support import refusals, slurm
from insm.support.errors import UserError

__all__ = ["Executor", "ExecutorSettings", "common_settings"]

LONGEST = 20.0  # seconds between two questions for the states of all jobs


class Executor(SlurmExecutor):
    """Submits jobs to SLURM and follows them."""

    def report_job_error(self, job_info: Any, msg: str | None = None, **kwargs: Any) -> None:
        """Tell that a job failed; Snakemake then tries it again unless it has had its last attempt."""
        job = job_info.job
        parts = job.jobs if job.is_group() else [job]
        if any(refusals.refused(log) for part in parts for log in part.log):
            job.attempt = job.restart_times + 1
            msg = f"{msg or ''} Only a change by hand can mend it: not tried again. "
        super().report_job_error(job_info, msg=msg, **kwargs)

    def cancel_jobs(self, active_jobs: list[Any]) -> None:
        """Cancel every job of this run. `active_jobs` holds none of them while their states are being asked for."""
        super().cancel_jobs(active_jobs)
        with contextlib.suppress(UserError):  # none are left, or SLURM does not answer: the next run cancels them
            slurm.command("scancel", "--quiet", f"--name={self.run_uuid}")

    @property
    def next_seconds_between_status_checks(self) -> float:
        """Seconds until the states of jobs are asked for again."""
        return min(super().next_seconds_between_status_checks, LONGEST)

    @next_seconds_between_status_checks.setter
    def next_seconds_between_status_checks(self, value: float | None) -> None:
        self._next_seconds_between_status_checks = value
