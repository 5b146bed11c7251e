"""No rules: the study, its paths, and which source files a job depends on."""

import functools
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import grimp

from insm.support.errors import suggest

FIRST = 10**9  # priority of jobs that trainings wait for: above the expected cost of any training

# Jobs call this environment's insm; a training stops, saved, when this process is gone (insm/training/signals.py).
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
os.environ["INSM_STARTED_BY"] = str(os.getpid())


def resolve(study):
    """The study file as plain values, checked and resolved by `insm job configure`.

    Only the main process does this, and only after an edit of the study or the sources: jobs read what it wrote, so
    they see one study, also if its file is edited meanwhile.
    """
    plan = Path(".snakemake", "plans", f"{study.stem}.json")
    stamp = plan.with_suffix(".key")
    if workflow.is_main_process:
        sources = [study, *sorted(Path("src/insm").rglob("*.py"))]
        key = hashlib.sha256(b"".join(path.read_bytes() for path in sources if path.exists())).hexdigest()
        fresh = stamp.exists() and stamp.read_text() == key and plan.exists()
        if not fresh or not Path("results", json.loads(plan.read_text())["name"], "config").exists():
            done = subprocess.run(["insm", "job", "configure", study, plan])
            if done.returncode:
                sys.exit(done.returncode)
            stamp.write_text(key)
    return json.loads(plan.read_text())


STUDY = resolve(Path(config.get("study", "config/study.yaml")))
TASKS = STUDY["tasks"]
ROOT, DATA = f"results/{STUDY['name']}", f"data/{STUDY['name']}"
CONFIG = f"{ROOT}/config"
DEVICE = STUDY["device"]
GPU = 0 if DEVICE == "cpu" else 1

for name in STUDY["notebooks"]:
    if not Path("notebooks", f"{name}.ipynb").exists():
        known = sorted(path.stem for path in Path("notebooks").glob("*.ipynb"))
        sys.exit(f"error: key notebooks: no {name!r}: choose from {', '.join(known)}{suggest(name, known)}")


wildcard_constraints:
    task="|".join(TASKS),
    variant="|".join({variant for task in TASKS.values() for variant in task["runs"]}),
    seed=r"\d+",
    split="train|test",


@functools.cache
def import_graph():
    return grimp.build_graph("insm")


@functools.cache
def code(*modules):
    """Source files that the given insm modules import, directly or not: a change in one of them reruns the job."""
    graph = import_graph()
    names = {f"insm.{module}" for module in modules}
    names |= {"insm"} | {found for name in names for found in graph.find_upstream_modules(name)}
    files = (Path("src", *name.split(".")) for name in sorted(names))
    return [str(p / "__init__.py") if p.is_dir() else f"{p}.py" for p in files]


def dataset(wildcards):
    return TASKS[wildcards.task]["dataset"]


def module(wildcards):
    """Name of the dataset's source file: `folder` for the dataset `folder:Smiling`."""
    return TASKS[wildcards.task]["module"]


def run_plan(wildcards):
    """Method, need of phi and expected cost of one run."""
    return TASKS[wildcards.task]["runs"][wildcards.variant]


def method_code(command):
    """Source files of a command that runs a method."""
    return lambda wc: code(command, f"methods.{run_plan(wc)['method']}", f"datasets.{module(wc)}")


def split_files(split):
    """The files of a task's prepared split: images, table and checksums."""
    return [f"{DATA}/{{task}}/{split}.{ending}" for ending in ("npy", "parquet", "sha256")]


def runs(pattern, task=None):
    """`pattern` for every run of the study, or of one task."""
    return [
        pattern.format(task=name, variant=variant, seed=seed)
        for name, settings in TASKS.items()
        if task in (None, name)
        for variant in settings["runs"]
        for seed in STUDY["seeds"]
    ]


def tasks(pattern):
    """`pattern` for every task of the study."""
    return [pattern.format(task=name) for name in TASKS]


def shown(path, caption, category, **options):
    """An output that `snakemake --report` shows, captioned by workflow/report/<caption>.rst."""
    return report(path, caption=f"../report/{caption}.rst", category=category, **options)
