"""Jobs that a cluster need not try again: those that fail by a mistake which only a person can mend."""

import os
from hashlib import sha256
from pathlib import Path

from insm.support.errors import TemporaryError, UserError

SUBMISSION = "INSM_SUBMISSION"
"""Environment variable: tells one run of Snakemake that submits jobs from the next."""
FOLDER = Path(".snakemake", "refusals")


def check(arguments: list[str]) -> None:
    """Refuse a job at once that the same run of Snakemake has seen fail by such a mistake.

    Snakemake tries every failed job again and cannot tell mistakes from killed jobs.

    Raises:
        UserError: what the job said then.
    """
    if (record := _record(arguments)) and record.exists():
        raise UserError(f"{record.read_text(encoding='utf-8')} (said before; not tried again)")


def keep(arguments: list[str], error: UserError) -> None:
    """Record that a job failed by a mistake."""
    record = _record(arguments)
    if record and not isinstance(error, TemporaryError) and not record.exists():
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text(str(error), encoding="utf-8")


def _record(arguments: list[str]) -> Path | None:
    submission = os.environ.get(SUBMISSION)
    if not submission or arguments[:1] != ["job"]:
        return None
    return FOLDER / submission / f"{sha256(chr(0).join(arguments).encode()).hexdigest()[:16]}.txt"
