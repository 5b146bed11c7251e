"""`insm job verdict`: the paper's claims beside what a study's numbers say of them."""

from pathlib import Path
from typing import Annotated

from insm.commands.arguments import assignments, option
from insm.reporting.claims import decide_all, read_claims
from insm.reporting.tables import read_table, write_table


def verdict(
    claims: Path,
    metrics: Path,
    output: Path,
    evidence: Path,
    differences: list[Path],
    task: Annotated[list[str] | None, option("TABLE=TASK: the task of a table of the paper.")] = None,
) -> None:
    """Decide every claim of the file CLAIMS (.yaml) by METRICS and DIFFERENCES (.../differences-<task>.csv).

    OUTPUT (.csv): id, section, claim, paper, verdict, reason, note. EVIDENCE (.csv): a row per comparison, with the id
    of its claim: what was expected, the difference, its interval, the seeds, the outcome.
    """
    tables = {path.stem.removeprefix("differences-"): read_table(path) for path in differences}
    verdicts, rows = decide_all(read_claims(claims), read_table(metrics), tables, assignments(task or ()))
    write_table(verdicts, output, digits=6)
    write_table(rows, evidence, digits=6)
