"""No rules: the study, its paths, and which source code a job depends on."""

import functools
import os
import sys
import uuid
from pathlib import Path

import insm
from insm.data.source_listing import source_fingerprint
from insm.support.errors import UserError, suggest
from insm.support.files import read_json
from insm.support.frozen_code import CODE
from insm.support.outcomes import FOLDER, EqualCode, explicit_of, finished, identity_of, is_done
from insm.support.places import classifier_names, compact, pretraining_state, run_state
from insm.support.processes import process_namespace
from insm.support.site import current_site
from insm.support.source_graph import SourceGraph, graph_file
from insm.support.vouching import keep_record, record_in_dvc, to_make_again
from insm.support.workflow import (
    PLANS,
    cancel_leftovers,
    check_config,
    check_sources,
    checks_outputs,
    claim_results,
    heed_interrupts,
    needs_of_jobs,
    own_kernel,
    remove_states,
    resolved_study,
    runs_jobs,
    take_over_locks,
)

FIRST = 10**6  # priority of jobs that trainings wait for: above that of any training

# Jobs call this environment's insm; a training stops, saved, when this process, or the DVC whose stage it is, is gone
# (insm/training/signals.py): what a killed DVC leaves behind ends by itself.
STARTED_BY = os.getppid() if workflow.is_main_process and "DVC_STAGE" in os.environ else os.getpid()
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
os.environ["INSM_STARTED_BY"] = f"{STARTED_BY}@{process_namespace()}"
os.environ["PYTHONUTF8"] = "1"  # whatever the locale
own_kernel(os.environ)

# A dry run writes nothing that a run reads; jobs in processes of their own see the study as it was when the run began.
try:
    check_sources(insm.__file__, Path("src"))
    check_config(config)
    STUDY_FILE = Path(config.get("study", "config/study.yaml"))
    STUDY = resolved_study(STUDY_FILE, main=workflow.is_main_process)
    if workflow.is_main_process:
        claim_results(STUDY_FILE, STUDY["name"], write=runs_jobs(sys.argv[1:]))
        if runs_jobs(sys.argv[1:]):
            heed_interrupts()
            RUNNING = take_over_locks()
            if RUNNING and current_site():
                cancel_leftovers()
                os.environ["INSM_SUBMISSION"] = uuid.uuid4().hex
    SITE = current_site()  # of `--profile slurm`
    NEEDS = needs_of_jobs(STUDY_FILE) if SITE else {}
except UserError as error:
    sys.exit(f"error: {error}")

GRAPH = graph_file(PLANS)
SOURCES = SourceGraph(**read_json(GRAPH))
if workflow.is_main_process:
    os.environ[CODE] = str(GRAPH.resolve())
TASKS = STUDY["tasks"]
ROOT, DATA = f"results/{STUDY['name']}", f"data/{STUDY['name']}"
CONFIG = f"{ROOT}/config"
DEVICE = STUDY["device"]  # a resource, since no result depends on it
GPU = 0 if DEVICE == "cpu" else 1

for name in STUDY["notebooks"]:
    if not Path("notebooks", f"{name}.ipynb").exists():
        known = sorted(path.stem for path in Path("notebooks").glob("*.ipynb"))
        sys.exit(f"error: key notebooks: no {name!r}: choose from {', '.join(known)}{suggest(name, known)}")


wildcard_constraints:
    task="|".join(TASKS),
    variant="|".join({variant for task in TASKS.values() for variant in task["runs"]}),
    seed=r"\d+",
    split=r"train|validation|test(-\d+)?",


@functools.cache
def code(*modules, files=()):
    """Hash of what insm modules and all that they import do, and of files' content: a change of it reruns the job."""
    return SOURCES.hash(modules, map(Path, files))


def dataset(wildcards):
    return TASKS[wildcards.task]["dataset"]


def module(wildcards):
    """Name of the dataset's source file: `folder` for the dataset `folder:Smiling`."""
    return TASKS[wildcards.task]["module"]


def run_plan(wildcards):
    """Method, need of phi and expected cost of one run."""
    return TASKS[wildcards.task]["runs"][wildcards.variant]


def method_code(command):
    """`code` of a command that runs a method."""
    return lambda wc: code(command, f"methods.{run_plan(wc)['method']}", f"datasets.{module(wc)}")


def settings(*path):
    """Settings of a task's job as JSON, a parameter of its rule: an edit of the study reruns just what it concerns."""
    return lambda wc: compact(functools.reduce(lambda part, key: part[key], path, TASKS[wc.task]["settings"]))


def cluster(job, device="cpu", resumes=False):
    """What a rule's jobs ask a cluster for, by what they compute; nothing in a local run."""

    def need(wildcards):
        task = NEEDS[wildcards.task]
        return task["runs"][wildcards.variant][job] if "variant" in wildcards.keys() else task[job]

    gpus = int(device != "cpu")
    return SITE.resources(gpus, need, resumes) | {"gpu": gpus} if SITE else {}


def split_files(split):
    """The files of a task's prepared split: images, table and checksums."""
    return [f"{DATA}/{{task}}/{split}.{ending}" for ending in ("npy", "parquet", "sha256")]


def keys(task=None):
    """(task, variant, seed) of every run of the study, or of one task."""
    return [
        (name, variant, seed)
        for name, settings in TASKS.items()
        if task in (None, name)
        for variant, run in settings["runs"].items()
        for seed in run["seeds"]
    ]


def runs(pattern, task=None):
    """`pattern` for every run of the study, or of one task."""
    return [pattern.format(task=name, variant=variant, seed=seed) for name, variant, seed in keys(task)]


def identity(task, variant, seed):
    """What the weights of a run depend on."""
    return identity_of(TASKS[task], variant, seed, code)


# Runs whose outcomes are in git: no rule makes those files, so nothing asks for their models.
COMMITTED, EQUAL_CODE = Path(ROOT, FOLDER), EqualCode()
DONE = {
    (task, variant, seed)
    for task, variant, seed in keys()
    if is_done(
        COMMITTED / task / variant / f"seed{seed}.json",
        identity(task, variant, seed),
        explicit_of(TASKS[task], variant),
        EQUAL_CODE,
    )
}
FINISHED_ONLY = config.get("runs") == "finished"
if FINISHED_ONLY:  # tables of what there is: a variant without a finished run reads "not run"
    TASKS = finished(TASKS, DONE)
    if not TASKS:
        sys.exit(f"error: no run of {STUDY_FILE} is finished and recorded in {COMMITTED}: leave out runs=finished")
COMPLETE = {task for task in TASKS if set(keys(task)) <= DONE and (COMMITTED / task / "references.json").exists()}
OPEN = [task for task in TASKS if task not in COMPLETE]
OUTCOMES = f"{STUDY['evaluation']['outcomes']}.parquet"  # of edits or of images


def pending(pattern, task=None):
    """`pattern` for every run whose outcomes are not in git yet."""
    return [
        pattern.format(task=name, variant=variant, seed=seed)
        for name, variant, seed in keys(task)
        if (name, variant, seed) not in DONE
    ]


def measured(kind, of):
    """Files of runs (task, variant, seed), from git where they are done: "numbers", "outcomes" or "examples"."""
    ending = {"numbers": "numbers.parquet", "outcomes": OUTCOMES, "examples": "examples.png"}[kind]
    folders = [f"{ROOT}/{FOLDER if key in DONE else 'metrics'}" for key in of]
    return [
        f"{folder}/{task}/{variant}/seed{seed}.{ending}"
        for folder, (task, variant, seed) in zip(folders, of, strict=True)
    ]


def tasks(pattern, of=TASKS):
    """`pattern` for every task of the study, or for those of `OPEN`: with a run that is not done."""
    return [pattern.format(task=name) for name in of]


def shown(path, caption, category, **options):
    """An output that `snakemake --report` shows, captioned by workflow/report/<caption>.rst."""
    return report(path, caption=f"../report/{caption}.rst", category=category, **options)
