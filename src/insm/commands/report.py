"""`insm report`: a site of a study's executed notebooks, with a landing page."""

from pathlib import Path
from typing import Annotated

import typer

from insm.reporting.site import StudySummary, write_site
from insm.support.files import read_yaml
from insm.support.workflow import resolved_study


def report(
    study: Path,
    output: Path,
    notebooks: list[Path],
    file: Annotated[list[Path] | None, typer.Option(help="A result to list; may be repeated.")] = None,
    gallery: Annotated[list[Path] | None, typer.Option(help="A page of images beside OUTPUT; may be repeated.")] = None,
    tasks: Annotated[
        str, typer.Option(help="Tasks that are shown, comma-separated; all of the study's if empty.")
    ] = "",
) -> None:
    """Write OUTPUT (.../index.html), and beside it the HTML copies of the executed NOTEBOOKS (.ipynb) of STUDY (.yaml).

    Every --file is listed with its SHA-256 and the command that makes it again.
    """
    plan = resolved_study(study, main=False)
    chosen = [name for name in read_yaml(study)["tasks"] if not tasks or name in tasks.split(",")]  # in its order
    summary = StudySummary(
        name=plan["name"],
        file=study,
        seeds=tuple(plan["seeds"]),
        tables={name: plan["tasks"][name]["tables"] for name in chosen},
        variants=sum(len(plan["tasks"][name]["runs"]) for name in chosen),
    )
    write_site(summary, output, notebooks, file or (), gallery or ())
