"""`insm job tabulate`, `table1`, `table2`, `table3`: the numbers of a whole study, and the paper's tables with them."""

from pathlib import Path

from insm.reporting import paper_tables
from insm.reporting.tables import concatenate, read_table, write_table


def tabulate(output: Path, inputs: list[Path]) -> None:
    """Write to OUTPUT the tables INPUTS (files .../<task>.csv): task, variant, seed, metric, scope, value, samples."""
    write_table(concatenate({path.stem: path for path in inputs}), output)


def table1(metrics: Path, paper: Path, task: str, variants: Path, output: Path) -> None:
    """Table 1: attribute accuracy by group and Frechet distance of TASK, from METRICS and the PAPER's file."""
    write_table(paper_tables.table1(read_table(metrics), paper, task, read_table(variants)), output)


def table2(metrics: Path, paper: Path, task: str, part: str, variants: Path, output: Path) -> None:
    """Table 2: both directions of the two-domain TASK, from METRICS and the PAPER's PART (table2a or table2b)."""
    write_table(paper_tables.table2(read_table(metrics), paper, task, part, read_table(variants)), output)


def table3(metrics: Path, paper: Path, task: str, variants: Path, output: Path) -> None:
    """Table 3: the ablations on TASK, from METRICS and the PAPER's file; VARIANTS tells each one's row of the paper."""
    write_table(paper_tables.table3(read_table(metrics), paper, task, read_table(variants)), output)
