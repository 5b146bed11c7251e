"""`insm train`: train the runs of a study without Snakemake, several at once, until a deadline.

Needs only torch, numpy, pandas (with pyarrow), pydantic, safetensors, Pillow and this package if STUDY is a plan, and
PyYAML and torchvision too if it is a study file. Images of `footwear` and `fashion` need scikit-image. Where Typer is
not installed, call `train` from Python.
"""

import fnmatch
import json
import os
import signal
import time
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from insm.commands.arguments import argument, option
from insm.commands.jobs.embedding import embedding
from insm.commands.jobs.prepare import prepare
from insm.commands.jobs.train import train as train_run
from insm.support.errors import UserError
from insm.support.files import read_json, write_text
from insm.support.places import OLD, fingerprint, pretraining_state, run_files, run_state
from insm.support.pool import DONE, STOPPED, Call, Pool
from insm.support.processes import process_namespace, running_snakemake
from insm.support.refusals import TRY_AGAIN
from insm.support.runtime import setup
from insm.support.source_graph import source_graph
from insm.support.workflow import PLANS
from insm.training.checkpoints import FINISHED
from insm.training.signals import STARTER

ON_GPU = 4
"""Trainings at once on one GPU: small networks leave most of it idle (assumed, not measured)."""

Task = dict[str, Any]


def train(
    study: Annotated[Path, argument("The study file (.yaml), or its plan (.json).")],
    minutes: Annotated[float | None, option("Minutes until it stops, saved; else it trains all.", min=0.01)] = None,
    parallel: Annotated[int | None, option("Trainings at once; else one a core, or four on a GPU.", min=1)] = None,
    only: Annotated[str, option("Runs to train, such as 'portraits/init-*/seed0'.")] = "*",
    order: Annotated[
        Literal["longest", "seeds"], option("The longest runs first, or all of the first seed.")
    ] = "longest",
    device: Annotated[str | None, option("auto, cpu or cuda; by default what the study says.")] = None,
) -> None:
    """Train the runs of STUDY in this folder and write what rule `train` writes, so that Snakemake goes on from there.

    The same command goes on where it was stopped. Images and phi that are not there yet are made first, on all cores;
    the runs of a task begin when its own are there.
    """
    if process := running_snakemake(Path.cwd()):
        raise UserError(f"Snakemake runs in this folder (process {process}): wait for it, or call `insm cancel`")
    plan = plan_from(study)
    plan["device"] = device or plan["device"]
    on_gpu = setup(plan["device"]).type == "cuda"
    pool = Pool(
        parallel or (ON_GPU if on_gpu else len(os.sched_getaffinity(0))),
        float("inf") if minutes is None else time.monotonic() + 60 * minutes,
    )
    os.environ[STARTER] = f"{os.getpid()}@{process_namespace()}"
    runs = [run for run in ordered(plan, order) if fnmatch.fnmatch("{}/{}/seed{}".format(*run), only)]
    if not runs:
        raise UserError(f"option --only: no run of {study} is called {only!r}: write task/variant/seed<number>")
    unfinished = [run for run in runs if not is_finished(plan, *run)]
    pool.tell(f"{len(runs) - len(unfinished)} of {len(runs)} runs are trained; {pool.parallel} at once")
    inputs = list(input_calls(plan, dict.fromkeys(task for task, _, _ in unfinished), pool.parallel))
    made = {call.name for call in inputs}
    trainings = (run_call(plan, *run) for run in unfinished)
    calls = [replace(call, after=name if (name := inputs_name(call.name)) in made else "") for call in trainings]
    bf16 = [call for call in calls if not on_gpu and in_bf16(call)]
    try:
        outcomes = pool.run([*inputs, *(call for call in calls if call not in bf16)])
        if bf16 and not pool.stopping:
            pool.close()  # a process chooses its instructions once, and these runs need others
            possible = [call for call in bf16 if outcomes.get(call.after, DONE) == DONE]
            outcomes |= pool.run(replace(call, after="") for call in possible)
    finally:
        pool.close()
    failed = {name: outcome for name, outcome in outcomes.items() if outcome not in (DONE, STOPPED)}
    if failed:
        told = "; ".join(f"{name}: {outcome}" for name, outcome in failed.items())
        raise UserError(f"{len(failed)} did not succeed: {told}: read their output, told above")
    left = sum(not is_finished(plan, *run) for run in unfinished)
    pool.tell(f"{left} runs are left: the same command goes on" if left else "all are trained: go on with `snakemake`")
    if left:
        raise SystemExit(TRY_AGAIN)


def plan_from(study: Path) -> dict[str, Any]:
    """The plan of a study file, or as `insm job configure` wrote it."""
    if study.suffix == ".json":
        plan = read_json(study)
        if not isinstance(plan, dict) or not {"name", "tasks", "seeds", "device"} <= plan.keys():
            raise UserError(f"{study} is no plan: write one with `insm job configure STUDY PLAN.json`")
        return plan
    from insm.config.plan import plan_of  # only here: a plan needs neither YAML nor what counts operations
    from insm.config.study import load_study

    return plan_of(load_study(study))


def ordered(plan: dict[str, Any], order: str) -> list[tuple[str, str, str]]:
    """(task, variant, seed) of all runs, those of lower blocks first."""
    runs = [
        (seed, name, variant)
        for seed in plan["seeds"]
        for name, task in plan["tasks"].items()
        for variant, run in task["runs"].items()
        if seed in run["seeds"]
    ]
    if order == "longest":  # so that no process waits for one late, long run
        runs.sort(key=lambda run: -plan["tasks"][run[1]]["runs"][run[2]]["cost"])
    runs.sort(key=lambda run: plan["tasks"][run[1]]["runs"][run[2]]["block"])
    return [(name, variant, str(seed)) for seed, name, variant in runs]


def inputs_of(plan: dict[str, Any], name: str) -> tuple[Path, Path, Path]:
    """The training images (.npy) and phi (.pt) of a task, and the folder where those are made that the study lacks.

    That folder is no output of a rule: Snakemake makes its own.
    """
    task, study = plan["tasks"][name], plan["name"]
    code = code_of("commands.train", f"datasets.{task['module']}")
    key = fingerprint(task["settings"]["train"], task["settings"]["embedding"], code)
    made = Path("results", study, "state", name, f"inputs-{key}")
    images, phi = Path("data", study, name, "train.npy"), Path("results", study, "pretrained", name, "embedding.pt")
    return images if images.exists() else made / "train.npy", phi if phi.exists() else made / "embedding.pt", made


@cache
def code_of(*modules: str) -> str:
    """Hash of what the code of a job does, as the rules know it."""
    return source_graph(PLANS).hash(modules)


def inputs_name(call: str) -> str:
    """Name of the call that makes a task's inputs, by that of any of its calls."""
    return f"{call.split('/')[0]}/inputs"


def input_calls(plan: dict[str, Any], tasks: Collection[str], parallel: int) -> Iterator[Call]:
    """What makes the images and phi of each task that lacks one, `parallel` tasks at once on all cores together."""
    workers = max(1, len(os.sched_getaffinity(0)) // max(1, min(parallel, len(tasks))))
    for name in tasks:
        images, phi, made = inputs_of(plan, name)
        task, study = plan["tasks"][name], plan["name"]
        needs_phi = any(run["needs_embedding"] for run in task["runs"].values())
        if are_prepared(images) and (phi.exists() or not needs_phi):
            continue
        code = code_of("commands.jobs.embedding")
        arguments = {
            "task": task,
            "images": images,
            "phi": phi if needs_phi else None,
            "device": plan["device"],
            "state": pretraining_state(study, name, task["settings"], "embedding", code),
            "attempts": Path("results", study, "attempts", name, "embedding"),
            "workers": workers,
        }
        yield Call(inputs_name(name), make_inputs, arguments, made.with_suffix(".log"))


def are_prepared(images: Path) -> bool:
    """Whether a split is whole: of one that is made here the checksums are written last; rules leave no part of one."""
    return images.exists() and (images.is_relative_to("data") or images.with_suffix(".sha256").exists())


def make_inputs(
    task: Task, images: Path, phi: Path | None, device: str, state: Path, attempts: Path, workers: int = 1
) -> None:
    """Make the training images and phi of a task where they are missing; what is whole when it is stopped stays."""
    settings = task["settings"]
    if not are_prepared(images):
        before = signal.signal(signal.SIGTERM, leave)
        try:
            prepare(json.dumps(settings["train"]), images, images.with_suffix(".parquet"), workers)
        finally:
            signal.signal(signal.SIGTERM, before)
        write_text(images.with_name(FINISHED), "")  # what is made here is removed with the states of finished trainings
    if phi and not phi.exists():
        embedding(json.dumps(settings["embedding"]), task["dataset"], device, images, phi, state, attempts)


def leave(*_: Any) -> None:
    """End this process by an exception, so that half a file is removed and not left."""
    raise SystemExit(TRY_AGAIN)


def state_of(plan: dict[str, Any], name: str, variant: str, seed: str) -> Path:
    """Where a run saves what it resumes from: where rule `train` does."""
    task = plan["tasks"][name]
    method = task["runs"][variant]["method"]
    code = code_of("commands.jobs.train", f"methods.{method}", f"datasets.{task['module']}")
    return run_state(plan["name"], name, task["settings"], (variant, seed), code)


def is_finished(plan: dict[str, Any], name: str, variant: str, seed: str) -> bool:
    """Whether the outputs of a run are there, of these settings."""
    files = run_files(plan["name"], name, variant, seed)
    info = files.model.with_suffix(".json")
    if not all(path.exists() for path in (files.model, info, files.log, files.samples)):
        return False
    return read_json(info)["run"] == plan["tasks"][name]["settings"]["runs"][variant][seed]


def run_call(plan: dict[str, Any], name: str, variant: str, seed: str) -> Call:
    """What trains a run."""
    task, study = plan["tasks"][name], plan["name"]
    files = run_files(study, name, variant, seed)
    images, phi, _ = inputs_of(plan, name)
    arguments = {
        "run": json.dumps(task["settings"]["runs"][variant][seed]),
        "data": images,
        "embedding": phi if task["runs"][variant]["needs_embedding"] else None,
        "state": state_of(plan, name, variant, seed),
        "study": study,
        "device": plan["device"],
        **files._asdict(),
        **{key: task["resources"][key] for key in ("log_every", "checkpoint_every", "sample_every")},
    }
    arguments |= {"snapshot_count": task["resources"]["snapshots"]}
    if not task["curve"]:
        del arguments["snapshots"]
    del arguments["output"]
    return Call(f"{name}/{variant}/seed{seed}", train_unrecorded, arguments, files.output)


def in_bf16(call: Call) -> bool:
    """Whether a call trains in bf16."""
    return json.loads(call.arguments["run"])["training"]["precision"] == "bf16"


def train_unrecorded(**arguments: Any) -> None:
    """Train a run, and let its outputs look older than its inputs."""
    train_run(**arguments)
    model = arguments["model"]
    for name in ("model", "log", "samples", "snapshots"):
        if name in arguments:
            os.utime(arguments[name], (OLD, OLD))
    os.utime(model.with_suffix(".json"), (OLD, OLD))
