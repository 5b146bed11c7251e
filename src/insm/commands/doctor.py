"""`insm doctor`: whether everything that a study needs is there."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from insm.config.study import Study, load_study
from insm.editing.opening import shipped
from insm.reporting import machine
from insm.reporting.machine import Finding
from insm.support.site import DEFAULT, load_site
from insm.training import cluster

STUDY = Path("config/study.yaml")
EDIT = "`insm edit --set Smiling=1` edits a face; a study is run in a clone of the repository"


def doctor(
    study: Annotated[Path | None, typer.Argument(help=f"The study file. [default: {STUDY}]")] = None,
    slurm: Annotated[bool, typer.Option("--slurm", help="Check the cluster of the site file.")] = False,
    site: Annotated[Path, typer.Option(help="The site file.")] = DEFAULT,
    constraints: Annotated[Path, typer.Option(help="The file of pinned versions.")] = Path("constraints.txt"),
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Check what STUDY needs of this machine and say what to do. Exit status 1: something is missing.

    Looks at versions, processor, GPU, disk, data and weights; with --slurm at the cluster instead; where no study is,
    at the machine alone.
    """
    alone = study is None and not slurm and not STUDY.exists()
    study = study or STUDY
    checked = None if alone else load_study(study)
    if checked is None:
        looked = alone_findings(constraints)
    else:
        looked = cluster_findings(checked, site) if slurm else machine_findings(checked, constraints)
    findings = []
    for finding in looked:
        findings.append(finding)
        if not as_json:
            told = ": ".join(text for text in finding if text)
            print(f"{'problem' if finding.problem else 'ok':8} {told}", flush=True)
    wrong = any(finding.problem for finding in findings)
    following = machine.what_next(study, Path("results", checked.name), wrong, slurm) if checked else EDIT
    if as_json:
        print(json.dumps({"findings": [finding._asdict() for finding in findings], "next": following}, indent=2))
    else:
        print(f"{'next':8} {following}")
    raise typer.Exit(int(wrong))


def cluster_findings(study: Study, site: Path) -> Iterator[Finding]:
    """What is found out about the cluster of a site file."""
    for name, problem in cluster.checks(load_site(site), study, site):
        yield Finding(name, "", problem)


def alone_findings(constraints: Path) -> Iterator[Finding]:
    """What is found out about this machine where no study is: enough to edit photos."""
    yield from machine.checks("auto", constraints, Path.cwd())
    yield Finding("models", ", ".join(shipped()))


def machine_findings(study: Study, constraints: Path) -> Iterator[Finding]:
    """What is found out about this machine and the study's data and weights."""
    yield from machine.checks(study.device, constraints, Path.cwd())
    named = {study.lpips}
    for name, task in study.tasks.items():
        yield machine.data(name, task.data.split("train"), Path("data", study.name, name, "train.npy"))
        named |= {task.embedding.weights, task.identity_encoder.weights}
    yield from machine.weights(sorted(path for path in named if path))
