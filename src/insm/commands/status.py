"""`insm status`: how far the trainings of a study are."""

import json
from pathlib import Path
from typing import Annotated

import typer

from insm.support.workflow import resolved_study
from insm.training.status import status_of, table


def status(
    study: Annotated[Path, typer.Argument(help="The study file.")] = Path("config/study.yaml"),
    as_json: Annotated[bool, typer.Option("--json", help="Print plain values as JSON.")] = False,
) -> None:
    """Tell the state of every training: step, speed, time left, last checkpoint, SLURM job and node, attempts."""
    rows = status_of(resolved_study(study, main=True), Path.cwd())
    print(json.dumps(rows, indent=2) if as_json else table(rows))
