"""What a study will take: its jobs, and the work and memory of its networks, before any is run."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import pandas as pd

from insm.config.cost import count_method
from insm.config.plan import Plan, jobs_of, plan_of
from insm.config.study import Study, TaskConfig
from insm.data.dataset import Procedural, load_dataset
from insm.evaluation.combinations import IMAGES_PER_SET, SAMPLED_IMAGES
from insm.networks.classifier import ClassifierConfig
from insm.networks.counting import Count
from insm.networks.embedding import EmbeddingConfig
from insm.networks.method import METHODS
from insm.reporting.markdown import table as markdown_table
from insm.support.progress import Progress
from insm.training.cost import (
    count_classification,
    count_identity_encoding,
    count_pretraining,
    count_translation,
)
from insm.training.measuring import BACK

MIB, GIB = 2**20, 2**30


PROCESS_CPU = 400 * MIB
"""Bytes of a training process without networks: Python, torch, pandas, TensorBoard (396 MiB were measured)."""


PROCESS_GPU = 1 * GIB
"""Bytes of a CUDA context with the libraries' kernels and workspaces (assumed, not measured)."""


GFLOPS = 60.0
"""1e9 operations a second of one core with AVX2, as measured with INIT at 32 px."""


class Seconds(NamedTuple):
    """What one training takes: once, and for each step."""

    job: float
    step: float

    def of(self, steps: int) -> float:
        """Of a training of that many steps."""
        return self.job + steps * self.step


Measured = dict[tuple[str, str], Seconds]  # (task, training) -> what was measured of it


def estimates(study: Study, tflops: float, gflops: float = GFLOPS, measured: Measured | None = None) -> pd.DataFrame:
    """One row per kind of training, then their total: its last row.

    rule: classifier, embedding, identity_encoder or train
    players, parameters: numbers of parameters, of every network that is trained and in all
    steps, generator_updates: of one training
    macs: multiply-accumulates per step, the mean over the schedule
    activations, cpu_memory, gpu_memory: bytes of one training; totals are the largest
    flop, gpu_hours, core_hours: of one training, with two operations to a multiply-accumulate; totals are of all jobs
    seconds: of one training, where they were measured; the total is of all jobs

    Args:
        tflops: 1e12 operations a second that a GPU sustains.
        gflops: 1e9 operations a second that a CPU core sustains.
        measured: seconds of each training on this machine.
    """
    kinds = sum(len(pretrained(study, task)) + len(task.methods) for task in study.tasks.values())
    progress, rows = Progress("counting", kinds, unit="trainings"), []
    for line in trainings(study, tflops):
        rows.append(line)
        progress(len(rows))
    table = pd.DataFrame(rows).astype({"generator_updates": "Int64"})
    table["core_hours"] = hours(table.flop, gflops / 1000)
    if measured is not None:
        table["seconds"] = [measured[line.task, line.job].of(line.steps) for line in table.itertuples()]
    total = {"task": "total", "rule": "", "job": "", "jobs": table.jobs.sum()}
    total |= {column: table[column].max() for column in ("activations", "cpu_memory", "gpu_memory")}
    summed = [column for column in ("flop", "gpu_hours", "core_hours", "seconds") if column in table]
    total |= {column: (table[column] * table.jobs).sum() for column in summed}
    return pd.concat([table, pd.DataFrame([total])], ignore_index=True).convert_dtypes()


def by_rule(study: Study, trainings: pd.DataFrame, tflops: float, gflops: float = GFLOPS) -> pd.DataFrame:
    """One row per rule of the complete study (rule, jobs, flop and hours of all of them), then the total.

    Where seconds were measured, also those of the rules that train.

    Args:
        trainings: what `estimates` says of this study.
    """
    plan = plan_of(study)
    flop = defaultdict(float, (trainings.flop * trainings.jobs)[:-1].groupby(trainings.rule).sum())
    for work in forwards(study, plan):
        flop[work.rule] += work.jobs * work.flop
    table = pd.DataFrame([{"rule": rule, "jobs": n, "flop": flop[rule]} for rule, n in jobs_of(plan).items()])
    if "seconds" in trainings:
        table["seconds"] = table.rule.map((trainings.seconds * trainings.jobs)[:-1].groupby(trainings.rule).sum())
    table.loc[len(table)] = {"rule": "total", **table.drop(columns="rule").sum()}
    return table.assign(gpu_hours=hours(table.flop, tflops), core_hours=hours(table.flop, gflops / 1000))


class Forwards(NamedTuple):
    """Jobs that only run finished networks."""

    rule: str
    task: str
    variant: str  # "": jobs of the task
    jobs: int
    flop: float  # of one job


def forwards(study: Study, plan: Plan) -> Iterator[Forwards]:
    """The jobs that only run finished networks: translation and evaluation."""
    metrics, networks = set(study.metrics), study.evaluation.classifiers
    for name, task in study.tasks.items():
        dataset, planned = load_dataset(task.data.dataset), plan["tasks"][name]
        count = task.data.validation if study.evaluation.on == "validation" else task.data.test
        attributes, splits = len(dataset.attributes), len(planned["edited"])
        edits = attributes * count * splits
        labelled = splits if study.evaluation.outcomes == "images" else 1  # splits with full target labels
        permuted = study.evaluation.labels * count * labelled if attributes > 1 else 0
        same = count * splits if metrics & {"achieved", "axioms"} else 0
        back = attributes * min(BACK, count) * splits if "axioms" in metrics else 0
        combined = IMAGES_PER_SET * len(dataset.combinations) + SAMPLED_IMAGES if planned["combined"] else 0  # at most
        classify, identify = 2 * count_classification(task), 2 * count_identity_encoding(task)
        measured = classify * networks * (edits + permuted) + identify * edits * ("identity" in metrics)
        truth = isinstance(dataset, Procedural) or dataset.paired
        images = classify * networks * (task.data.train + count * splits) + identify * count * splits * (
            "identity" in metrics
        )
        yield Forwards("references", name, "", 1, images + (1 + truth) * measured)
        for variant, run in planned["runs"].items():
            jobs, translate = len(run["seeds"]), 2 * count_translation(study.method_config(variant), task)
            yield Forwards("evaluate", name, variant, jobs, translate * (edits + permuted + same + back) + measured)
            yield Forwards("apply_edits", name, variant, jobs, translate * combined)


def hours(flop: Any, tflops: float) -> Any:
    """Hours that operations take, a number or a column of them."""
    return flop / (tflops * 1e12) / 3600


def pretrained(study: Study, task: TaskConfig) -> dict[str, ClassifierConfig | EmbeddingConfig]:
    """The networks that are trained before the methods, by rule: embeddings may be published, or stay untrained."""
    networks: dict[str, ClassifierConfig | EmbeddingConfig] = {
        "classifier": task.classifier,
        "embedding": task.embedding,
    }
    if "identity" in study.metrics:
        networks["identity_encoder"] = task.identity_encoder
    for name in ("embedding", "identity_encoder"):
        config = getattr(task, name)
        if config.weights or config.objective == "none":
            networks.pop(name, None)
    return networks


def trainings(study: Study, tflops: float) -> Iterator[dict[str, Any]]:
    """The rows of `estimates`, without the total."""
    for name, task in study.tasks.items():
        for rule, config in pretrained(study, task).items():
            jobs = study.evaluation.classifiers if rule == "classifier" else 1
            head = {"task": name, "rule": rule, "job": rule, "jobs": jobs}
            yield head | row(count_pretraining(config, task), config.updates, tflops)
        for variant in task.methods:
            if study.naming(variant).trained_as:
                continue
            method = study.method_config(variant)
            steps, count = task.training.steps(task.data.train, method), count_method(method, task)
            head = {"task": name, "rule": "train", "job": variant, "jobs": len(study.seeds_of(name, variant))}
            generator = METHODS.load(method.method).Method.translators[0]
            yield head | row(count, steps, tflops) | {"generator_updates": round(steps * count.updates[generator])}


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
        "gpu_hours": hours(flop, tflops),
    }


# Heading -> (column, unit, format).
Columns = dict[str, tuple[str, float | None, str]]  # heading -> column, unit (None: a text), format

TRAININGS: Columns = {
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
    "core-hours": ("core_hours", 1, ",.3g"),
    "seconds here": ("seconds", 1, ",.3g"),
}


JOBS: Columns = {
    "rule": ("rule", None, ""),
    "jobs": ("jobs", 1, ",.0f"),
    "GPU-hours": ("gpu_hours", 1, ",.3g"),
    "core-hours": ("core_hours", 1, ",.3g"),
    "seconds here": ("seconds", 1, ",.3g"),
}


def markdown(table: pd.DataFrame, columns: Columns) -> str:
    """The table with readable units; numbers stand on the right. Columns that it lacks are left out."""
    columns = {heading: column for heading, column in columns.items() if column[0] in table}
    lines = [[cell(line[key], unit, form) for key, unit, form in columns.values()] for _, line in table.iterrows()]
    sides = ["left" if unit is None else "right" for _, unit, _ in columns.values()]
    return markdown_table(list(columns), lines, sides)


def cell(value: Any, unit: float | None, form: str) -> str:
    """A number in its unit, a text as it is, nothing for what is missing."""
    if pd.isna(value):
        return ""
    return value if unit is None else format(value / unit, form)
