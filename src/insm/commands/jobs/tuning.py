"""`insm job tuning`: the trials of settings, and which of them the protocol takes."""

from pathlib import Path

from insm.reporting.protocol import read_protocol
from insm.reporting.tables import read_table, write_table
from insm.reporting.trials import tuning as tabulate


def tuning(metrics: Path, protocol: Path, output: Path) -> None:
    """From METRICS (.csv) of the study of trials and PROTOCOL (.yaml) write OUTPUT (.csv), a row per trial."""
    known = read_protocol(protocol).tuning
    write_table(tabulate(read_table(metrics), known.choice, known.trials), output, digits=6)
