"""Compares the files of a study with the records of the jobs that made them (`support.recording`)."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from insm.reporting.differences import TOLERANCE, difference
from insm.support.errors import UserError
from insm.support.recording import machine
from insm.support.records import FOLDER, NO_RESULTS, records_in, sha256


class Finding(NamedTuple):
    """What became of a file."""

    name: str  # its path in the project
    status: str  # same, missing, close (within the tolerance), differs or unrecorded
    text: str = ""


class Expected(NamedTuple):
    """What the files of a study should be."""

    files: dict[str, tuple[str, dict[str, Any]]]  # name in the project -> SHA-256, and the record that says so
    project: Path | None  # a folder that may hold them with these bytes; None: what git and DVC keep


def expected_of(results: Path, project: Path | None = None) -> Expected:
    """What the records in a study's folder say.

    Raises:
        UserError: there is none.
    """
    records = records_in(results / FOLDER).values()
    if not records:
        raise UserError(f"{results} has no records ({results / FOLDER}): run its study, which writes them")
    files = {name: (digest, record) for record in records for name, digest in record["outputs"].items()}
    return Expected(files, project)


def compare(results: Path, expected: Expected, tolerance: float | None = None) -> Iterator[Finding]:
    """Compare every file of a study with what is expected of it, and find files that nothing is known of.

    Args:
        results: folder of the study, results/<study>.
        expected: what its files should be.
        tolerance: the largest `Difference.relative` that is no fault; None: none where
            the records are of this kind of machine, `differences.TOLERANCE` where they are of another.
    """
    project, here = Path(os.path.abspath(results)).parents[1], machine()
    with committed(project, expected.project) as reference:
        for name, (digest, record) in sorted(expected.files.items()):
            path = project / name
            if not path.exists():
                yield Finding(name, "missing")
            elif sha256(path) == digest:
                yield Finding(name, "same")
            else:
                allowed = tolerance if tolerance is not None else allowed_on(here, record["machine"])
                yield _told(name, path, reference(name, digest), allowed)
    for path in sorted(results.rglob("*")):
        name = path.absolute().relative_to(project).as_posix()
        if path.is_file() and name not in expected.files and is_result(path.relative_to(results)):
            yield Finding(name, "unrecorded")


def is_result(inside: Path) -> bool:
    """Whether a job made a file, given by its path in a study's folder: logs, and what git and DVC keep, are none."""
    others = {inside.parts[0], inside.name} & {*NO_RESULTS, "outcomes"}
    return not others and not inside.name.startswith((".", "dvc.")) and inside.suffix != ".dvc"


def allowed_on(here: dict[str, str | None], there: dict[str, str | None]) -> float:
    """The tolerance for results of another machine: none for the same instructions, whatever the processor."""
    same = all(here.get(key) == there.get(key) for key in ("system", "gpu"))
    return 0.0 if same else TOLERANCE


def _told(name: str, path: Path, reference: Path | None, tolerance: float) -> Finding:
    if reference is None:
        return Finding(name, "differs", "other bytes than recorded; the recorded ones are not here to compare numbers")
    found = difference(path, reference)
    return Finding(name, "close" if tolerance and found.relative <= tolerance else "differs", found.text)


@contextmanager
def committed(project: Path, other: Path | None) -> Iterator[Any]:
    """A function (name, SHA-256) -> a file with these bytes, or None.

    It looks in `other`, a project's folder, or in what git and DVC keep of the commit that is checked out.
    """
    with tempfile.TemporaryDirectory() as folder:

        def find(name: str, digest: str) -> Path | None:
            path = Path(folder, name) if other is None else other / name
            if other is None:
                path.parent.mkdir(parents=True, exist_ok=True)
                try:
                    from dvc.api import DVCFileSystem

                    DVCFileSystem(str(project), rev="HEAD").get_file(name, str(path))
                except Exception:  # neither git nor DVC has it, or DVC is not installed
                    return None
            return path if path.is_file() and sha256(path) == digest else None

        yield find


@contextmanager
def rebuilt(project: Path, study: str) -> Iterator[tuple[Path, Expected]]:
    """Make a study again from nothing in a temporary clone -> its folder, and what is committed of it.

    Raises:
        UserError: the project is no clone, its commit has no records of the study, or the study fails.
    """
    file = Path("config", f"{study}.yaml")
    if not (project / file).is_file():
        raise UserError(f"{file} is missing: only a study of the folder config can be made again")
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder, "clone")
        done = subprocess.run(["git", "clone", "-q", project, clone], capture_output=True, text=True, check=False)
        if done.returncode:
            raise UserError(f"{project} cannot be cloned ({' '.join(done.stderr.split())}): use a clone of the project")
        results = clone / "results" / study
        expected = expected_of(results)._replace(project=project)
        shutil.rmtree(results)
        environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(clone / "src"),
        }
        command = ["snakemake", "--quiet", "--config", f"study={file}"]
        if subprocess.run(command, cwd=clone, env=environment, check=False).returncode:
            raise UserError(f"{file} did not run to its end in a fresh clone: what stopped it is told above")
        yield results, expected
