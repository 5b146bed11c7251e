"""No rules: the study, its paths, and which source files a job depends on."""

import functools
import os
import sys
from pathlib import Path

import grimp

from insm.commands.configure import write_configs
from insm.config import load_study
from insm.errors import UserError, suggest

# Jobs call this environment's insm.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

FIRST = 10**9  # priority of jobs that trainings wait for: above the expected cost of any training

try:
    STUDY = load_study(Path(config.get("study", "config/study.yaml")))
    ROOT, DATA = f"results/{STUDY.name}", f"data/{STUDY.name}"
    CONFIG = f"{ROOT}/config"
    if workflow.is_main_process:  # jobs read what it wrote, also if the study file is edited meanwhile
        write_configs(STUDY, Path(CONFIG))
    for name in STUDY.notebooks:
        if not Path("notebooks", f"{name}.ipynb").exists():
            known = sorted(path.stem for path in Path("notebooks").glob("*.ipynb"))
            raise UserError(
                f"key notebooks: no notebook {name!r}: choose from {', '.join(known)}{suggest(name, known)}"
            )
except UserError as error:
    sys.exit(f"error: {error}")


wildcard_constraints:
    task="|".join(STUDY.tasks),
    entry="|".join(STUDY.methods),
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
    return STUDY.tasks[wildcards.task].data.dataset


def method(wildcards):
    return STUDY.methods[wildcards.entry]["method"]


def runs(pattern, task=None):
    """`pattern` for every run of the study, or of one task."""
    return [
        pattern.format(task=name, entry=entry, seed=seed)
        for name, settings in STUDY.tasks.items()
        if task in (None, name)
        for entry in settings.methods
        for seed in STUDY.seeds
    ]


def tasks(pattern):
    """`pattern` for every task of the study."""
    return expand(pattern, task=list(STUDY.tasks))
