"""`insm estimate`: what a study's trainings will take, before any is run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from tabulate import tabulate

from insm.config import ClassifierConfig, EmbeddingConfig
from insm.estimate import Count, count_judge, count_method
from insm.files import atomic
from insm.methods import METHODS
from insm.progress import Progress
from insm.study import Study, TaskConfig, load_study

MIB, GIB = 2**20, 2**30
PROCESS_CPU = 400 * MIB
"""Bytes of a training process without networks: Python, torch, pandas, TensorBoard (396 MiB were measured)."""
PROCESS_GPU = 1 * GIB
"""Bytes of a CUDA context with the libraries' kernels and workspaces (assumed, not measured)."""


def estimate(
    study: Path,
    tflops: Annotated[float, typer.Option(min=0.001, help="1e12 operations a second that a GPU sustains.")] = 60,
    output: Annotated[Path | None, typer.Option(help="Also write the table, in plain units, to this CSV file.")] = None,
) -> None:
    """Count, without training, what every training of the file STUDY takes; print a table with totals over all seeds.

    A line is one training; `jobs` of them are run. Memory is that of weights, gradients, Adam, moving averages,
    activations kept for backward, and the process; temporaries come on top. The default of 60 TFLOP/s is a guess at
    what one H100 sustains. Preparing data, translating and evaluating are left out.
    """
    table = estimates(load_study(study), tflops)
    if output is not None:
        with atomic(output) as part:
            table.to_csv(part, index=False, float_format="%.9g")
    print(markdown(table))


def estimates(study: Study, tflops: float) -> pd.DataFrame:
    """One row per kind of training, then their total: its last row.

    players, parameters: numbers of parameters, in the order of `Method.players` and in all
    steps, generator_updates: of one training
    macs: multiply-accumulates per step, the mean over the schedule
    activations, cpu_memory, gpu_memory: bytes of one training; totals are the largest
    flop, gpu_hours: of one training, with two operations to a multiply-accumulate; totals are of all jobs
    """
    kinds = sum(len(judges(task)) + len(task.methods) for task in study.tasks.values())
    progress, rows = Progress("counting", kinds, unit="trainings"), []
    for line in trainings(study, tflops):
        rows.append(line)
        progress(len(rows))
    table = pd.DataFrame(rows).astype({"generator_updates": "Int64"})
    total = {"task": "total", "job": "", "jobs": table.jobs.sum()}
    total |= {column: table[column].max() for column in ("activations", "cpu_memory", "gpu_memory")}
    total |= {column: (table[column] * table.jobs).sum() for column in ("flop", "gpu_hours")}
    return pd.concat([table, pd.DataFrame([total])], ignore_index=True).convert_dtypes()


def judges(task: TaskConfig) -> dict[str, ClassifierConfig | EmbeddingConfig]:
    """The task's judges that are trained: phi may come with published weights."""
    return {"classifier": task.classifier} | ({} if task.embedding.weights else {"embedding": task.embedding})


def trainings(study: Study, tflops: float) -> Iterator[dict[str, Any]]:
    """The rows of `estimates`, without the total."""
    for name, task in study.tasks.items():
        for judge, config in judges(task).items():
            yield {"task": name, "job": judge, "jobs": 1} | row(count_judge(config, task), config.updates, tflops)
        for entry in task.methods:
            config = study.method_config(entry)
            method = METHODS.load(config.method).Method
            steps, count = task.training.steps(task.data.train, method, config), count_method(config, task)
            head = {"task": name, "job": entry, "jobs": len(study.seeds)}
            updates = round(steps * count.updates[method.translators[0]])
            yield head | row(count, steps, tflops) | {"generator_updates": updates}


def row(count: Count, steps: int, tflops: float) -> dict[str, Any]:
    """The columns that a count and a number of steps give."""
    memory, flop = count.state + count.activations, 2.0 * count.macs * steps
    return {
        "players": " + ".join(f"{number:,}" for number in count.parameters.values()),
        "parameters": sum(count.parameters.values()),
        "steps": steps,
        "generator_updates": None,
        "macs": count.macs,
        "activations": count.activations,
        "cpu_memory": memory + PROCESS_CPU,
        "gpu_memory": memory + PROCESS_GPU,
        "flop": flop,
        "gpu_hours": flop / (tflops * 1e12) / 3600,
    }


# Heading -> (column, unit, format).
COLUMNS = {
    "task": ("task", None, ""),
    "training": ("job", None, ""),
    "jobs": ("jobs", 1, ",.0f"),
    "parameters": ("players", None, ""),
    "in all, M": ("parameters", 1e6, ",.2f"),
    "steps": ("steps", 1, ",.0f"),
    "G updates": ("generator_updates", 1, ",.0f"),
    "GMAC a step": ("macs", 1e9, ",.1f"),
    "activations, MiB": ("activations", MIB, ",.0f"),
    "CPU memory, GiB": ("cpu_memory", GIB, ",.2f"),
    "GPU memory, GiB": ("gpu_memory", GIB, ",.2f"),
    "EFLOP": ("flop", 1e18, ",.3g"),
    "GPU-hours": ("gpu_hours", 1, ",.3g"),
}


def markdown(table: pd.DataFrame) -> str:
    """The table with readable units; numbers stand on the right."""
    lines = [[cell(line[key], *how) for key, *how in COLUMNS.values()] for _, line in table.iterrows()]
    sides = ["left" if unit is None else "right" for _, unit, _ in COLUMNS.values()]
    return tabulate(lines, list(COLUMNS), tablefmt="pipe", colalign=sides, disable_numparse=True)


def cell(value: Any, unit: float | None, form: str) -> str:
    """A number in its unit, a text as it is, nothing for what is missing."""
    if pd.isna(value):
        return ""
    return value if unit is None else format(value / unit, form)
