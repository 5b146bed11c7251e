"""The pipeline of DVC for one study: what its only stage depends on, makes and shows."""

from pathlib import Path
from typing import Any

import yaml

from insm.config.plan import plan_of
from insm.config.study import Study

SOURCES = ["Snakefile", "docs/paper", "notebooks", "src/insm", "workflow/rules"]
RESULTS = ["config", "pretrained", "runs", "translations", "metrics", "tables"]
DRAWN = ["notebooks", "figures", "report"]  # of a study with notebooks


def pipeline(file: Path, study: Study, folder: Path) -> str:
    """The text of a `dvc.yaml`, the same for every call.

    Args:
        file: the study's file, relative to the project's folder.
        study: what it holds.
        folder: where the `dvc.yaml` is to lie, relative to the project's folder.
    """
    plan, up = plan_of(study), "/".join([".."] * len(folder.parts))
    settings = [str(file), *([str(study.methods_from)] if study.methods_from else [])]
    own = [str(task.data.source) for task in study.tasks.values() if task.data.source]
    names = RESULTS + (DRAWN if study.notebooks else [])
    stage = {
        "desc": f"The whole study of {file}: Snakemake decides which of its jobs have to run",
        **({"wdir": up} if up else {}),
        "cmd": f"exec snakemake --config study={file}",
        "params": [{name: None} for name in settings],
        "deps": sorted({*SOURCES, *own}),
        "outs": [
            _kept(f"data/{study.name}"),
            *(_kept(f"results/{study.name}/{name}", in_git=name == "tables") for name in names),
        ],
    }
    tables = (Path(up) / "results" / study.name / "tables").as_posix()
    shown = {
        "stages": {study.name: stage},
        "metrics": [f"{tables}/summary.json"],
        "plots": _plots(plan, tables),
    }
    head = f"# Written by `insm job pipeline {file} {folder / 'dvc.yaml'}`: edit the study instead (docs/dvc.md).\n"
    text = yaml.safe_dump({key: value for key, value in shown.items() if value}, sort_keys=False, width=200)
    return head + text.replace(": null", ":")


def _kept(path: str, in_git: bool = False) -> dict[str, dict[str, bool]]:
    """An output that DVC does not delete before a run, so that a change reruns only what depends on it."""
    return {path: {**({"cache": False} if in_git else {}), "persist": True}}


def _plots(plan: dict[str, Any], tables: str) -> list[dict[str, Any]]:
    """Bars of a table of ablations: how many edits succeed, and how far they are from real images."""
    columns = {"accuracy": "attribute accuracy", "frechet": "Frechet distance"}
    return [
        {
            f"{task}: {title}": {
                "template": "bar_horizontal_sorted",
                "x": {f"{tables}/table3-{task}.csv": column},
                "y": {f"{tables}/table3-{task}.csv": "variant"},
                "x_label": title,
                "y_label": "variant",
            }
        }
        for task, settings in plan["tasks"].items()
        if "table3" in settings["tables"]
        for column, title in columns.items()
    ]
