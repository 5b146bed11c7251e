"""`insm estimate`: the jobs of a study and what its networks will take, before any is run."""

from pathlib import Path
from typing import Annotated

import typer

from insm.config.study import load_study
from insm.support.files import atomic
from insm.training.estimate import JOBS, TRAININGS, by_rule, estimates, markdown


def estimate(
    study: Path,
    tflops: Annotated[float, typer.Option(min=0.001, help="1e12 operations a second that a GPU sustains.")] = 60,
    output: Annotated[Path | None, typer.Option(help="Also write the table, in plain units, to this CSV file.")] = None,
) -> None:
    """Count, without training, what every training of the file STUDY takes, then the jobs of the whole study by rule.

    A line of the first table is one training; `jobs` of them are run. Memory is that of weights, gradients, Adam,
    moving averages, activations kept for backward, and the process; temporaries come on top. The default of 60
    TFLOP/s is a guess at what one H100 sustains. Work on the CPU (images, tables, notebooks) is left out.
    """
    checked = load_study(study)
    table = estimates(checked, tflops)
    if output is not None:
        with atomic(output) as part:
            table.to_csv(part, index=False, float_format="%.9g")
    print(markdown(table, TRAININGS), markdown(by_rule(checked, table, tflops), JOBS), sep="\n\n")
