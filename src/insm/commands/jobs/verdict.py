"""`insm job verdict`: the paper's claims beside what a study's numbers say of them."""

from pathlib import Path
from typing import Annotated

import pandas as pd

from insm.commands.arguments import assignments, option
from insm.evaluation.comparison import read_outcomes
from insm.evaluation.gathered import FINISHED, read_parquet, values_of
from insm.reporting.claims import read_claims
from insm.reporting.measured import Measured, of_edits, of_metrics
from insm.reporting.protocol import read_protocol
from insm.reporting.tables import read_table, write_table
from insm.reporting.verdict import decide_all


def verdict(
    claims: Path,
    protocol: Path,
    metrics: Path,
    output: Path,
    evidence: Path,
    outcomes: list[Path],
    task: Annotated[list[str] | None, option("TABLE=TASK: the task of a table of the paper.")] = None,
) -> None:
    """Decide every claim of the file CLAIMS (.yaml) by the rules of PROTOCOL (.yaml).

    METRICS (.csv) has the study's numbers of whole test splits, OUTCOMES (.../<task>.parquet) those of images. OUTPUT
    (.csv): a row per claim, with its outcome, estimate, interval, corrected p-values and a sentence. EVIDENCE (.csv): a
    row per comparison, with the id of its claim.
    """
    numbers = of_metrics(read_table(metrics))
    files = {path.stem: path for path in outcomes}
    tasks = {
        table: measured(files[name], numbers[numbers.task == name])
        for table, name in assignments(task or ()).items()
        if name in files
    }
    verdicts, rows = decide_all(read_claims(claims), read_protocol(protocol), tasks)
    write_table(verdicts, output, digits=6)
    write_table(rows, evidence, digits=6)


def measured(outcomes: Path, numbers: pd.DataFrame) -> Measured:
    """A task's measures: from values of every edit and NUMBERS, or from values of images and the file beside them."""
    table = read_outcomes(outcomes)
    if "split" not in table:
        return Measured(of_edits(table), numbers)
    everything = read_parquet(outcomes.with_name(f"{outcomes.stem}.numbers.parquet"))
    return Measured(values_of(table), everything[everything.step == FINISHED])
