"""`insm resume`: go on with a study that was stopped or killed."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from insm.support.errors import UserError
from insm.support.processes import running_snakemake
from insm.support.slurm import available, cancel_jobs


def resume(
    study: Annotated[Path, typer.Argument(help="The study file.")] = Path("config/study.yaml"),
    profile: Annotated[str | None, typer.Option(help="Snakemake's profile, such as slurm.")] = None,
) -> None:
    """End jobs that a killed Snakemake left behind in this folder, then run Snakemake on STUDY again.

    Finished jobs stay finished and trainings go on from their last checkpoint.
    """
    if process := running_snakemake(Path.cwd()):
        raise UserError(
            f"Snakemake runs in this folder already (process {process}): wait for it, or call `insm cancel`"
        )
    if available() and (jobs := cancel_jobs(Path.cwd())):
        print(f"ended {len(jobs)} jobs that were left behind", file=sys.stderr, flush=True)
    words = ["snakemake", *(["--profile", profile] if profile else []), "--config", f"study={study}"]
    os.execvp(words[0], words)
