"""`insm job verdict`: the paper's claims beside what a study's numbers say of them."""

from pathlib import Path
from typing import Annotated

from insm.commands.arguments import assignments, option
from insm.evaluation.gathered import read_parquet, values_of
from insm.reporting.claims import read_claims
from insm.reporting.measured import Measured, of_edits
from insm.reporting.protocol import read_protocol
from insm.reporting.tables import write_table
from insm.reporting.verdict import decide_all


def verdict(
    claims: Path,
    protocol: Path,
    output: Path,
    evidence: Path,
    numbers: Annotated[list[Path] | None, option("All numbers of a task (.../<task>.numbers.parquet).")] = None,
    outcomes: Annotated[list[Path] | None, option("Outcomes of its edits or images (.../<task>.parquet).")] = None,
    task: Annotated[list[str] | None, option("TABLE=TASK: the task of a table of the paper.")] = None,
) -> None:
    """Decide every claim of the file CLAIMS (.yaml) by the rules of PROTOCOL (.yaml).

    OUTPUT (.csv): a row per claim, with its outcome, estimate, interval, corrected p-values and a sentence. EVIDENCE
    (.csv): a row per comparison, with the id of its claim.
    """
    all_numbers = {path.name.removesuffix(".numbers.parquet"): path for path in numbers or ()}
    files, tasks = {path.stem: path for path in outcomes or ()}, {}
    for table, name in assignments(task or ()).items():
        if name in files:
            known = read_parquet(files[name])
            values = values_of(known) if "split" in known else of_edits(known)
            tasks[table] = Measured(values, read_parquet(all_numbers[name]))
    verdicts, rows = decide_all(read_claims(claims), read_protocol(protocol), tasks)
    write_table(verdicts, output, digits=6)
    write_table(rows, evidence, digits=6)
