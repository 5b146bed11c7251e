"""`insm job summary`: the numbers of a study in a few lines, for `dvc metrics show` and `diff`."""

from pathlib import Path

from insm.reporting.summary import summary as summarised
from insm.reporting.tables import read_table
from insm.support.files import write_json


def summary(metrics: Path, output: Path) -> None:
    """Write OUTPUT (.json: task -> variant -> metric -> mean over the seeds) from the table METRICS."""
    write_json(output, summarised(read_table(metrics)))
