"""`insm doctor`: whether everything that a study needs is there."""

import json
from pathlib import Path
from typing import Annotated

import typer

from insm.config.study import load_study
from insm.reporting import machine
from insm.reporting.machine import Finding
from insm.support.site import DEFAULT, load_site
from insm.training import cluster


def doctor(
    study: Annotated[Path, typer.Argument(help="The study file.")] = Path("config/study.yaml"),
    slurm: Annotated[bool, typer.Option("--slurm", help="Check the cluster of the site file.")] = False,
    site: Annotated[Path, typer.Option(help="The site file.")] = DEFAULT,
    constraints: Annotated[Path, typer.Option(help="The file of pinned versions.")] = Path("constraints.txt"),
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Check what STUDY needs of this machine and say what to do. Exit status 1: something is missing.

    Looks at versions, processor, GPU, disk, data and weights; with --slurm at the cluster instead.
    """
    checked = load_study(study)
    if slurm:
        findings = [Finding(name, "", problem) for name, problem in cluster.checks(load_site(site), checked, site)]
    else:
        findings = list(machine.checks(checked.device, constraints, Path.cwd()))
        tasks = checked.tasks.items()
        findings += [
            machine.data(name, task.data.split("train"), Path("data", checked.name, name, "train.npy"))
            for name, task in tasks
        ]
        named = {path for _, task in tasks for path in (task.embedding.weights, task.identity_encoder.weights)}
        findings += machine.weights(sorted(path for path in {*named, checked.lpips} if path))
    wrong = any(finding.problem for finding in findings)
    following = machine.what_next(study, Path("results", checked.name), wrong)
    if as_json:
        print(json.dumps({"findings": [finding._asdict() for finding in findings], "next": following}, indent=2))
    else:
        for name, fact, problem in findings:
            told = ": ".join(text for text in (name, fact, problem) if text)
            print(f"{'problem' if problem else 'ok':8} {told}")
        print(f"{'next':8} {following}")
    raise typer.Exit(int(wrong))
