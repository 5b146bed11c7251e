"""A checkout of the project in a temporary folder, in which one miniature study has been run."""

import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tests import ROOT

BIN = Path(sys.executable).parent
REPORT = "CI_REPORT"
"""Environment variable: a folder to which the smoke study's report is copied, for people to look at."""
LONG = ("results/evidence/", "results/trials/")
SMOKE, TINY = "results/smoke/dvc.yaml", "results/tiny/dvc.yaml"


class Checkout:
    """A copy of the project's files with a git history of its own, where commands of this environment run."""

    def __init__(self, folder: Path):
        self.folder = folder

    def run(self, *command: str, check: bool = True, **options) -> subprocess.CompletedProcess:
        """Run a command of the environment in the checkout; on failure show its output."""
        paths = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(self.folder / "src")}
        done = subprocess.run(
            command, cwd=self.folder, env=os.environ | paths, text=True, capture_output=True, timeout=900, **options
        )
        if check and done.returncode:
            pytest.fail(
                f"{' '.join(command)} exited with {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
            )
        return done

    def commit(self, message: str) -> None:
        """Record every file that git does not ignore."""
        self.run("git", "add", "-A")
        self.run("git", "-c", "user.name=test", "-c", "user.email=test@localhost", "commit", "-qm", message)

    def clone(self, name: str) -> "Checkout":
        """Clone what is committed into a folder beside the checkout, so that both have the same DVC remote."""
        self.run("git", "clone", "-q", str(self.folder), str(self.folder.parent / name))
        return Checkout(self.folder.parent / name)

    def snakemake(self, *arguments: str, study: str = "smoke", check: bool = True) -> subprocess.CompletedProcess:
        """Run Snakemake on a study of config/."""
        return self.run("snakemake", "--config", f"study=config/{study}.yaml", "--", *arguments, check=check)

    def pending(self, study: str = "smoke", *config: str) -> dict[str, int]:
        """Rules that Snakemake would run now, with their numbers of jobs."""
        done = self.run("snakemake", "-n", "--config", f"study=config/{study}.yaml", *config, "--quiet", "rules", "--")
        lines = [line.split() for line in done.stdout.partition("Job stats:")[2].partition("total")[0].splitlines()]
        return {line[0]: int(line[1]) for line in lines if len(line) == 2 and line[1].isdigit()}


def checkout(folder: Path) -> Checkout:
    """Copy what git would commit into `folder` and make it a repository, without the outcomes of the long studies.

    What this repository's objects hold already is not stored again.
    """
    git = partial(subprocess.run, cwd=ROOT, check=True, capture_output=True, text=True)
    names = git(["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).exists() and not name.startswith(LONG):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    copy = Checkout(folder)
    copy.run("git", "init", "-q", "-b", "main")
    objects = git(["git", "rev-parse", "--path-format=absolute", "--git-path", "objects"]).stdout
    (folder / ".git/objects/info/alternates").write_text(objects)
    copy.run("dvc", "remote", "add", "--default", "beside", str(folder.parent / "insm-dvc-remote"))
    copy.commit("Copy")
    return copy


def finished_tiny(folder: Path) -> Checkout:
    """A checkout in which DVC has run the study tiny.yaml from nothing to its end; its lock is committed."""
    copy = checkout(folder)
    shutil.copy(ROOT / "tests/workflow/tiny.yaml", folder / "config/tiny.yaml")
    copy.run("insm", "job", "pipeline", "config/tiny.yaml", TINY)
    copy.run("dvc", "repro", TINY)
    copy.commit("Finish the study")
    return copy


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Checkout:
    """`finished_tiny`, which tests copy before they change it."""
    return finished_tiny(tmp_path_factory.mktemp("tiny") / "insm")


@pytest.fixture
def tiny(finished, tmp_path) -> Checkout:
    """A copy of it, with the records of both engines."""
    shutil.copytree(finished.folder, tmp_path / "insm", symlinks=True)
    return Checkout(tmp_path / "insm")


@pytest.fixture(scope="session")
def fresh(tmp_path_factory) -> Checkout:
    """A checkout in which nothing has been run, so that every job of a study is pending."""
    return checkout(tmp_path_factory.mktemp("fresh") / "insm")


@pytest.fixture(scope="session")
def smoke(tmp_path_factory) -> Checkout:
    """A checkout in which `dvc repro` has run config/smoke.yaml from nothing to its end; its lock records it."""
    copy = checkout(tmp_path_factory.mktemp("checkout") / "insm")
    copy.run("dvc", "repro", SMOKE)
    leave_report(copy)
    return copy


def leave_report(copy: Checkout) -> None:
    """Copy the smoke study's report, and the records that it links, to the folder that REPORT names, if it is set."""
    if folder := os.environ.get(REPORT):
        for name in ("report", "provenance"):
            shutil.copytree(copy.folder / "results/smoke" / name, Path(folder, name), dirs_exist_ok=True)


@pytest.fixture(scope="session")
def clone(smoke) -> Checkout:
    """A clone of the checkout that ran nothing itself: it got the study's files as `make pull` gets them."""
    smoke.run("dvc", "push", SMOKE)
    smoke.commit("Record the study")
    clone = smoke.clone("clone")
    clone.run("dvc", "pull", SMOKE)
    clone.run("snakemake", "--touch", "--forceall", "--config", "study=config/smoke.yaml")
    return clone
