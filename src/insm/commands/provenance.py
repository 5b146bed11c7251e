"""`insm provenance`: where a result came from."""

from pathlib import Path
from typing import Annotated

import typer

from insm.reporting.provenance import Chain, Focus


def provenance(
    file: Annotated[Path, typer.Argument(help="A result, such as results/study/tables/metrics.csv.")],
    cell: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="ROW COLUMN", help="A number of a table: words of its row, comma-separated; a column."),
    ] = None,
) -> None:
    """Print the chain from FILE, or from one cell of it, to raw bytes: jobs, hashes, code, versions and machines."""
    chain, focus = Chain(file), Focus()
    if cell:
        value, focus = chain.cell(*cell)
        print(f"{cell[0]}, {cell[1]}: {value}")
    for line in chain.lines(focus):
        print(line)
