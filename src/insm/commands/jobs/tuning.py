"""`insm job tuning`: the trials of settings, and which of them the protocol takes."""

from pathlib import Path

from insm.reporting.figures import use_style
from insm.reporting.protocol import read_protocol
from insm.reporting.tables import read_table, write_table
from insm.reporting.trials import tuning as tabulate
from insm.reporting.trials import tuning_figure
from insm.support.files import atomic


def tuning(metrics: Path, protocol: Path, output: Path, figure: Path) -> None:
    """From METRICS (.csv) of the trials and PROTOCOL (.yaml) write OUTPUT (.csv), a row per trial, and FIGURE."""
    known = read_protocol(protocol).tuning
    table = tabulate(read_table(metrics), known.choice, known.trials)
    write_table(table, output, digits=6)
    use_style()
    with atomic(figure) as part, part.open("wb") as stream:
        tuning_figure(table, known.trials).savefig(stream, format="png", metadata={"Software": None})
