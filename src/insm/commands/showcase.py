"""`insm showcase`: put executed notebooks and figures of a study where a plain clone shows them."""

from pathlib import Path
from typing import Annotated

import typer

from insm.reporting.showcase import SOURCES, note_sources, publish_figures, publish_notebooks
from insm.support.errors import UserError
from insm.support.files import read_yaml


def showcase(results: Annotated[Path, typer.Argument(help="Folder of a finished study, results/<study>.")]) -> None:
    """Copy the executed notebooks of RESULTS to docs/notebooks, and make the figures of docs that it has a part in.

    docs/figures/sources.yaml names both, docs/figures/hashes.json tells what they were made of; commit what changes.
    """
    if not results.is_dir():
        raise UserError(f"{results} is missing: name the folder of a finished study")
    shown = results.name in read_yaml(SOURCES)["notebooks"]
    made = (publish_notebooks(results) if shown else {}) | dict(publish_figures(results.name, results.parent))
    note_sources(made)
    for path in made:
        print(path)
