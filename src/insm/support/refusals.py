"""Jobs that a cluster must not try again: those that fail by a mistake which only a person can mend."""

import os
from hashlib import sha256
from pathlib import Path

from insm.support.errors import TemporaryError, UserError

SUBMISSION = "INSM_SUBMISSION"
"""Environment variable: tells one run of Snakemake that submits jobs from the next."""
FOLDER = Path(".snakemake", "refusals")
TRY_AGAIN = 75
"""Exit status of a process that may succeed when it is run again: "temporary failure" of sysexits.h."""


def keep(error: UserError) -> None:
    """Record, by the log of this job, that it failed by a mistake: Snakemake sees of a job only whether it failed."""
    record = _record(os.path.realpath("/proc/self/fd/2"))
    if record and not isinstance(error, TemporaryError):
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text(str(error), encoding="utf-8")


def refused(log: str) -> bool:
    """Whether the job with that log failed by a mistake in this run of Snakemake."""
    record = _record(os.path.realpath(log))
    return record is not None and record.exists()


def _record(log: str) -> Path | None:
    submission = os.environ.get(SUBMISSION)
    return FOLDER / submission / f"{sha256(log.encode()).hexdigest()[:16]}.txt" if submission else None
