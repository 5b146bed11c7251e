"""`insm report`: a site of a study's executed notebooks, with a landing page."""

from pathlib import Path
from typing import Annotated

import typer

from insm.config.plan import tables_of
from insm.config.study import load_study
from insm.data.dataset import load_dataset
from insm.reporting.site import StudySummary, write_site


def report(
    study: Path,
    output: Path,
    notebooks: list[Path],
    file: Annotated[list[Path] | None, typer.Option(help="A result to list; may be repeated.")] = None,
    gallery: Annotated[list[Path] | None, typer.Option(help="A page of images beside OUTPUT; may be repeated.")] = None,
) -> None:
    """Write OUTPUT (.../index.html), and beside it the HTML copies of the executed NOTEBOOKS (.ipynb) of STUDY (.yaml).

    Every --file is listed with its SHA-256 and the command that makes it again.
    """
    checked = load_study(study)
    datasets = {name: load_dataset(task.data.dataset) for name, task in checked.tasks.items()}
    summary = StudySummary(
        name=checked.name,
        file=study,
        seeds=checked.seeds,
        tables={name: tables_of(checked, name, dataset) for name, dataset in datasets.items()},
        variants=sum(len(task.methods) for task in checked.tasks.values()),
    )
    write_site(summary, output, notebooks, file or (), gallery or ())
