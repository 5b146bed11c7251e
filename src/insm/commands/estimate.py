"""`insm estimate`: the jobs of a study and what its networks will take, before any is run."""

from pathlib import Path
from typing import Annotated

import typer

from insm.config.study import load_study
from insm.support.files import atomic
from insm.training.estimate import GFLOPS, JOBS, TRAININGS, by_rule, estimates, markdown
from insm.training.seconds import measured


def estimate(
    study: Annotated[Path, typer.Argument(help="The study file.")],
    tflops: Annotated[float, typer.Option(min=0.001, help="1e12 operations a second that a GPU sustains.")] = 60,
    gflops: Annotated[float, typer.Option(min=0.1, help="1e9 operations a second that a CPU core sustains.")] = GFLOPS,
    measure: Annotated[bool, typer.Option("--measure", help="Also train a few steps of each, for seconds.")] = False,
    output: Annotated[Path | None, typer.Option(help="Also write the table, in plain units, to this CSV file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the first table as JSON, in plain units.")] = False,
) -> None:
    """Count, without training, what every training of the file STUDY takes, then the jobs of the whole study by rule.

    A line of the first table is one training; `jobs` of them are run. Memory is that of weights, gradients, Adam,
    moving averages, activations kept for backward, and the process; temporaries come on top. The default of 60
    TFLOP/s is a guess at what one H100 sustains; 60 GFLOP/s were measured on one core with AVX2. A study on 2 cores
    takes half its core-hours. Preparing data, tables and notebooks are left out.

    With --measure, 20 steps of each training on noise tell its seconds on this machine, alone on one core or GPU.
    """
    checked = load_study(study)
    table = estimates(checked, tflops, gflops, measured(checked) if measure else None)
    if output is not None:
        with atomic(output) as part:
            table.to_csv(part, index=False, float_format="%.9g")
    if as_json:
        print(table.to_json(orient="records"))
    else:
        rules = by_rule(checked, table, tflops, gflops)
        print(markdown(table, TRAININGS), markdown(rules, JOBS), sep="\n\n")
