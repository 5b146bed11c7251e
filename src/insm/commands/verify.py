"""`insm verify`: whether the files of a study are those that its records tell."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from insm.reporting.verification import compare, expected_of, rebuilt
from insm.support.errors import UserError
from insm.support.records import FOLDER

TELLS = {
    "same": "as recorded",
    "missing": "not here",
    "deleted": "deleted, though in git",
    "close": "differ within the tolerance",
    "differs": "differ",
    "unrecorded": "without a record",
    "dated": "not compared, since it names the commit that made each result",
}


def verify(
    results: Annotated[Path, typer.Argument(help="Folder of a study, results/<study>.")] = Path("results/study"),
    against: Annotated[Path | None, typer.Option(help="Another such folder, whose records and files count.")] = None,
    rebuild: Annotated[bool, typer.Option(help="Make the study again in a temporary clone; compare that.")] = False,
    tolerance: Annotated[
        float | None,
        typer.Option(help="Difference allowed, on average a fraction of the numbers; none on one kind of machine."),
    ] = None,
) -> None:
    """Compare every file of RESULTS with its record, and say which differ and by how much; exit with 1 if any does.

    The committed records count; those in the folder count for what none is committed of.
    """
    if not results.is_dir():
        raise UserError(f"{results} is missing: name a folder results/<study>")
    if rebuild:
        with rebuilt(Path.cwd(), results.name) as (made, expected):
            faults = tell(made, list(compare(made, expected, tolerance)), complete=True)
    else:
        if against and len(against.absolute().parents) < 3:
            raise UserError(f"--against {against}: name a folder results/<study> of another project")
        expected = expected_of(against, against.absolute().parents[1]) if against else expected_of(results)
        faults = tell(results, list(compare(results, expected, tolerance)))
        if expected.uncommitted:
            print(
                f"{results}: records not as committed: {expected.uncommitted}; files were compared with the committed "
                f"ones: to accept what is here, commit {results / FOLDER}"
            )
    if faults:
        raise typer.Exit(1)


def tell(results: Path, findings, complete: bool = False) -> int:
    """Print what was found -> how many files are not what they should be; `complete`: a missing one is not."""
    named = {"differs", "close", "deleted", "unrecorded", "dated", *(["missing"] if complete else [])}
    for finding in findings:
        if finding.status in named:
            print(f"{finding.name}: {TELLS[finding.status]}{f': {finding.text}' if finding.text else ''}")
    counts = Counter(finding.status for finding in findings)
    told = ", ".join(f"{counts[status]} {text}" for status, text in TELLS.items() if counts[status])
    print(f"{results}: {len(findings)} files: {told}")
    return counts["differs"] + counts["deleted"] + (counts["missing"] if complete else 0)
