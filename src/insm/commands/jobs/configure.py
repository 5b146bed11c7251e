"""`insm job configure`: check a study and resolve it to what the workflow needs."""

from pathlib import Path

from insm.config.plan import plan_of
from insm.config.study import load_study
from insm.support.files import write_json


def configure(study: Path, plan: Path) -> None:
    """Check the file STUDY and write PLAN (.json): its tasks and the settings of every job, as plain values."""
    write_json(plan, plan_of(load_study(study)))
