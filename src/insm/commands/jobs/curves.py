"""`insm job curves`: the learning curves of a task's runs, as a table."""

from pathlib import Path

from insm.evaluation.gathered import learning_curves, read_parquet
from insm.reporting.tables import write_table


def curves(numbers: Path, output: Path) -> None:
    """From all NUMBERS of a task (.parquet) write OUTPUT (.csv): variant, seed, step, metric, scope, value."""
    write_table(learning_curves(read_parquet(numbers)), output, digits=6)
