"""`insm job compare`: how sure a task's numbers are, and the differences between its variants."""

from pathlib import Path

from insm.evaluation.comparison import differences_of, intervals_of, read_outcomes
from insm.reporting.tables import write_table


def compare(outcomes: Path, intervals: Path, differences: Path) -> None:
    """From OUTCOMES (.parquet) of single edits, as `insm job evaluate` writes them, make two tables (.csv).

    INTERVALS: every variant's means with 95 % intervals (`evaluation.comparison.intervals_of`).
    DIFFERENCES: between all pairs of variants (`evaluation.comparison.differences_of`).
    """
    table = read_outcomes(outcomes)
    write_table(intervals_of(table), intervals, digits=6)
    write_table(differences_of(table), differences, digits=6)
