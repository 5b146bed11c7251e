"""What is asked of SLURM beside what Snakemake asks: jobs of this folder, time left, requeueing, cancelling."""

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from insm.support.errors import UserError
from insm.support.refusals import SUBMISSION

PREFIX = "insm_"  # of job names, as in slurm/config.yaml
TIMEOUT = 60  # seconds that one command of SLURM may take


@dataclass(frozen=True)
class Job:
    """A queued or running job."""

    id: str
    state: str  # PENDING, RUNNING, ...
    comment: str  # rule_<rule>_wildcards_<values>, as Snakemake's plugin writes it
    node: str  # empty while it is queued
    snakemake: bool = True  # whether a Snakemake submitted it


def command(*words: str) -> str:
    """Output of a command of SLURM.

    Raises:
        UserError: there is no such command, or it failed.
    """
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=TIMEOUT, check=True)
    except FileNotFoundError:
        raise UserError(
            f"no command {words[0]}: run this on a host of the cluster from which jobs are submitted"
        ) from None
    except subprocess.TimeoutExpired:
        raise UserError(f"{words[0]} did not answer within {TIMEOUT} s: try again later") from None
    except subprocess.CalledProcessError as error:
        raise UserError(f"{words[0]} failed ({' '.join(error.stderr.split())}): try again later") from None
    return done.stdout.strip()


def available() -> bool:
    """Whether this host has SLURM's commands."""
    return shutil.which("squeue") is not None


def jobs_of(folder: Path, by_hand: bool = False) -> list[Job]:
    """Own jobs of this folder that have not ended: of Snakemake, or also those that a person submitted (`by_hand`)."""
    lines = command("squeue", "--me", "--noheader", "--format=%i|%T|%N|%j|%Z|%k").splitlines()
    jobs = []
    for line in lines:
        number, state, node, name, place, comment = line.split("|", 5)
        snakemake = name.startswith(PREFIX)
        if (snakemake or by_hand) and Path(place) == folder.resolve():
            jobs.append(Job(number, state, comment.strip(), node, snakemake))
    return jobs


def cancel_jobs(folder: Path, wait: float = 120) -> list[Job]:
    """Cancel the jobs of this folder and wait until they have ended; returns them.

    Raises:
        UserError: some are still there after `wait` seconds.
    """
    cancelled = jobs_of(folder)
    if not cancelled:
        return []
    command("scancel", *(job.id for job in cancelled))
    deadline = time.monotonic() + wait
    while left := jobs_of(folder):
        if time.monotonic() > deadline:
            raise UserError(f"jobs {', '.join(job.id for job in left)} do not end: see `squeue --me`, then try again")
        time.sleep(1)
    return cancelled


def current_job() -> str | None:
    """The number of the job that this process belongs to."""
    return os.environ.get("SLURM_JOB_ID")


def describe(job: str) -> str:
    """One line on a job: what it asked for, where it runs."""
    keys = ("JobId", "Partition", "Account", "NodeList", "Restarts", "TimeLimit", "TRES", "ReqTRES", "TresPerJob")
    words = command("scontrol", "show", "job", "--oneliner", job).split()
    return " ".join(word for word in words if word.split("=")[0] in keys)


def queue_again(within: int) -> bool:
    """Queue this process's job again if its time ends; SLURM then ends it and starts it anew under the same number.

    A job that was cancelled, or whose node failed, is not running any more and is left alone; so is one that Snakemake
    did not submit, in which other trainings may still be saving.

    Args:
        within: seconds before its time limit from which on it counts as ending.
    """
    job = current_job()
    if job is None or not os.environ.get(SUBMISSION):
        return False
    try:
        state, left = command("squeue", "--noheader", f"--jobs={job}", "--format=%T|%L").split("|")
        if state != "RUNNING" or seconds(left) > within:
            return False
        command("scontrol", "requeue", job)
    except (UserError, ValueError):  # the exit status then tells Snakemake to try again
        return False
    return True


def seconds(text: str) -> int:
    """SLURM's days-hours:minutes:seconds as seconds."""
    days, _, clock = text.rpartition("-")
    total = 0
    for part in clock.split(":"):
        total = total * 60 + int(part)
    return int(days or 0) * 86400 + total
