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

from insm.reporting.committed import committed_files, committed_records, kept_files
from insm.reporting.differences import TOLERANCE, difference
from insm.support import outcomes
from insm.support.errors import UserError
from insm.support.recording import machine
from insm.support.records import FOLDER, NO_RESULTS, records_in, sha256

REPORT = "report/index.html"


class Finding(NamedTuple):
    """What became of a file."""

    name: str  # its path in the project
    status: str  # same, missing, deleted (git has it), close (within the tolerance), differs, unrecorded or dated
    text: str = ""


class Expected(NamedTuple):
    """What the files of a study should be."""

    files: dict[str, tuple[str, dict[str, Any]]]  # name in the project -> SHA-256, and the record that says so
    project: Path | None  # a folder that may hold them with these bytes, beside what git and DVC keep
    uncommitted: int = 0  # records here that do not tell what the committed ones tell, which count
    dated: frozenset[str] = frozenset()  # files that name the commits of what is here: only their presence is compared


def expected_of(results: Path, project: Path | None = None) -> Expected:
    """What the committed records of a study say, and those in its folder of files of which none is committed.

    Args:
        results: folder of the study, results/<study>.
        project: where its files may have these bytes; if it is given, the records in its folder alone count.

    Raises:
        UserError: there is none.
    """
    here = Path(os.path.abspath(results))
    local = records_in(here / FOLDER)
    known = {} if project else committed_records(here.parents[1], here.name)
    if not local and not known:
        raise UserError(f"{results} has no records ({results / FOLDER}): run its study, which writes them")
    both = (*local.values(), *known.values())  # the committed ones last: they count
    files = {name: (digest, record) for record in both for name, digest in record["outputs"].items()}
    changed = [path for path in local | known if _outputs(local, path) != _outputs(known, path)]
    return Expected(files, project, len(changed) if known else 0)


def _outputs(records: dict[Path, dict[str, Any]], path: Path) -> dict[str, str] | None:
    return records[path]["outputs"] if path in records else None


def compare(results: Path, expected: Expected, tolerance: float | None = None) -> Iterator[Finding]:
    """Compare every file of a study with what is expected of it, and find files that nothing is known of.

    Args:
        results: folder of the study, results/<study>; its data are in data/<study> beside.
        expected: what its files should be.
        tolerance: the largest `Difference.relative` that is no fault; None: none where
            the records are of this kind of machine, `differences.TOLERANCE` where they are of another.
    """
    whole = Path(os.path.abspath(results))
    project, here = whole.parents[1], machine()
    folders = (whole, project / "data" / whole.name)
    found = {path.relative_to(project).as_posix() for folder in folders for path in folder.rglob("*") if path.is_file()}
    known = committed_files(project, whole.name)
    files = expected.files | _kept(known | found, expected.files)
    with kept_files(project, expected.project) as reference:
        for name, (digest, record) in sorted(files.items()):
            path = project / name
            if not path.exists():
                yield Finding(name, "deleted" if name in known else "missing")
            elif sha256(path) == digest:
                yield Finding(name, "same")
            elif name in expected.dated:
                yield Finding(name, "dated")
            else:
                allowed = tolerance if tolerance is not None else allowed_on(here, record["machine"])
                yield _told(name, path, reference(name, digest), allowed)
    for name in sorted(filter(is_result, (known | found) - files.keys())):
        yield Finding(name, "unrecorded" if name in found else "deleted")


def _kept(names: set[str], files: dict[str, tuple[str, dict[str, Any]]]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Those of the names that are copies of files that a record tells of -> what it tells."""
    originals = {name: outcomes.original(name) for name in names}
    return {name: files[original] for name, original in originals.items() if original in files}


def is_result(name: str) -> bool:
    """Whether a job made a file of a study, by its path in the project: logs, and what git and DVC keep, are none."""
    *folders, file = name.split("/")[2:]
    return not {*folders[:1], file} & {*NO_RESULTS} and not file.startswith((".", "dvc.")) and not file.endswith(".dvc")


def allowed_on(here: dict[str, str | None], there: dict[str, str | None]) -> float:
    """The tolerance for results of another machine: none for the same instructions, whatever the processor.

    A processor without AVX2, here, rounds otherwise than those with it.
    """
    same = all(here.get(key) == there.get(key) for key in ("system", "gpu"))
    return 0.0 if same and has_avx2() else TOLERANCE


def has_avx2(told: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether an x86 processor has the instructions that results are made with; true for all that tell no flags."""
    flags = (
        [line.split() for line in told.read_text().splitlines() if line.startswith("flags")] if told.exists() else []
    )
    return all("avx2" in words for words in flags)


def _told(name: str, path: Path, reference: Path | None, tolerance: float) -> Finding:
    if reference is None:
        return Finding(name, "differs", "other bytes than recorded; the recorded ones are not here to compare numbers")
    found = difference(path, reference)
    return Finding(name, "close" if tolerance and found.relative <= tolerance else "differs", found.text)


@contextmanager
def rebuilt(project: Path, study: str) -> Iterator[tuple[Path, Expected]]:
    """Make a study again from nothing in a temporary clone -> its folder, and what is committed of it.

    The report names the commit of the code that made each result, here one commit for all: its bytes are not expected.

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
        report = frozenset({f"results/{study}/{REPORT}"})
        expected = expected_of(results)._replace(project=project, dated=report)
        shutil.rmtree(results)
        environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(clone / "src"),
        }
        commands = [["snakemake", "--quiet", "--config", f"study={file}"]]
        if any(outcomes.original(name) for name in committed_files(clone, study)):
            commands.append(["insm", "job", "keep", f"results/{study}"])
        for command in commands:
            if subprocess.run(command, cwd=clone, env=environment, check=False).returncode:
                raise UserError(f"{file} did not run to its end in a fresh clone: what stopped it is told above")
        yield results, expected
