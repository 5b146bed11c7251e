"""How far the trainings of a study are: from what they report, and from what SLURM says of their jobs."""

import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tabulate import tabulate

from insm.support import slurm
from insm.support.errors import UserError
from insm.support.files import read_json
from insm.support.places import classifier_names
from insm.support.processes import alive
from insm.support.progress import clock

COLUMNS = {
    "training": "training",
    "state": "state",
    "step": "step",
    "images_per_second": "images/s",
    "seconds_left": "ETA",
    "checkpoint_age": "checkpoint",
    "job": "job",
    "host": "node",
    "attempts": "attempts",
}


def trainings(study: dict[str, Any]) -> Iterator[tuple[str, Path, str]]:
    """(name, result, comment of its SLURM job) of every training; the name is also the folder of its attempts."""
    root = Path("results", study["name"])
    for task, config in study["tasks"].items():
        jobs = {"embedding": f"rule_embedding_wildcards_{task}"}
        if "identity" in study["metrics"]:
            jobs["identity_encoder"] = f"rule_identity_encoder_wildcards_{task}"
        names = classifier_names(study["evaluation"]["classifiers"])
        jobs |= {name: f"rule_classifier_wildcards_{task}_{name}" for name in names}
        for name, comment in jobs.items():
            yield f"{task}/{name}", root / f"pretrained/{task}/{name}.pt", comment
        for variant, run in config["runs"].items():
            for seed in run["seeds"]:
                name = f"{task}/{variant}/seed{seed}"
                yield name, root / f"runs/{name}/model.safetensors", f"rule_train_wildcards_{task}_{variant}_{seed}"


def status_of(study: dict[str, Any], folder: Path) -> list[dict[str, Any]]:
    """One dictionary per training of a study's plan in a project's folder, with plain values.

    training, state: waiting, queued, running, stopped (saved), killed or finished
    step, total, images_per_second, seconds_left: as last reported
    checkpoint_step, checkpoint_age: of the last checkpoint; seconds
    job, host, attempts: SLURM's number and node of the last attempt, and how many there were
    """
    own = jobs_here(folder)
    jobs, numbers = {job.comment: job for job in own if job.snakemake}, {job.id: job for job in own}
    rows, now = [], time.time()
    for name, result, comment in trainings(study):
        attempts = folder / "results" / study["name"] / "attempts" / name
        report = read_json(attempts / "status.json") if (attempts / "status.json").exists() else {}
        job = jobs.get(comment) or numbers.get(str(report.get("job")) if report.get("state") == "running" else "")
        keys = ("step", "total", "images_per_second", "seconds_left", "checkpoint_step", "job", "host")
        row: dict[str, Any] = {"training": name, "state": state_of((folder / result).exists(), report, job)}
        row |= {key: report.get(key) for key in keys}
        row["checkpoint_age"] = now - report["checkpoint_time"] if report.get("checkpoint_time") else None
        row["attempts"] = len(list(attempts.glob("*.log")))
        if job:
            row |= {"job": job.id, "host": job.node or None}
        if row["state"] != "running":
            row |= {"images_per_second": None, "seconds_left": None}
        rows.append(row)
    return rows


def jobs_here(folder: Path) -> list[slurm.Job]:
    """The folder's jobs of SLURM; none where it is not there, and a note where it does not answer."""
    if not slurm.available():
        return []
    try:
        return slurm.jobs_of(folder, by_hand=True)
    except UserError as error:
        print(f"note: jobs of SLURM are not shown: {error}", file=sys.stderr)
        return []


def state_of(finished: bool, report: dict[str, Any], job: slurm.Job | None) -> str:
    """The state of one training.

    Args:
        finished: whether its result is there.
        report: what its last attempt reported; empty if there was none.
        job: its job, if SLURM has one.
    """
    if job:
        return "running" if job.state == "RUNNING" else "queued"
    if finished:
        return "finished"
    if report.get("state") == "running":
        here = report.get("host") == socket.gethostname() and report.get("job") is None
        return "running" if here and alive(report["process"]) else "killed"
    return "stopped" if report else "waiting"


def table(rows: list[dict[str, Any]]) -> str:
    """The status for a terminal, with a summary."""
    lines = [[cell(key, row) for key in COLUMNS] for row in rows]
    counts = {
        state: sum(row["state"] == state for row in rows) for state in dict.fromkeys(row["state"] for row in rows)
    }
    summary = ", ".join(f"{count} {state}" for state, count in counts.items())
    return f"{tabulate(lines, list(COLUMNS.values()), disable_numparse=True)}\n\n{len(rows)} trainings: {summary}"


def cell(key: str, row: dict[str, Any]) -> str:
    """One value as text; nothing for what is unknown."""
    value = row[key]
    if value is None:
        return ""
    match key:
        case "step":
            return f"{value}/{row['total']} {value / row['total']:4.0%}"
        case "images_per_second":
            return f"{value:,.1f}"
        case "seconds_left":
            return clock(value)
        case "checkpoint_age":
            return f"step {row['checkpoint_step']}, {clock(value)} ago"
    return str(value)
