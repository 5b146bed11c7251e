"""`insm doctor`: whether everything that a study needs is there."""

from pathlib import Path
from typing import Annotated

import typer

from insm.config.study import load_study
from insm.support.site import DEFAULT, load_site
from insm.training.cluster import checks


def doctor(
    study: Annotated[Path, typer.Argument(help="The study file.")] = Path("config/study.yaml"),
    slurm: Annotated[bool, typer.Option("--slurm", help="Check the cluster of the site file.")] = False,
    site: Annotated[Path, typer.Option(help="The site file.")] = DEFAULT,
) -> None:
    """Check what STUDY needs and say what to change. Exit status 1: something is missing."""
    checked, wrong = load_study(study), False
    for name, problem in checks(load_site(site), checked, site) if slurm else ():
        print(f"{'problem' if problem else 'ok':8} {name}{f': {problem}' if problem else ''}", flush=True)
        wrong |= problem is not None
    raise typer.Exit(int(wrong))
