"""What is known of the bytes of results: every job leaves a record, with which files are compared when they are opened.

The records are `results/<study>/provenance/**/*.json`, one a job, written by `support.recording`.
"""

import functools
import json
import os
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path
from typing import Any, NamedTuple

from insm.support.errors import UserError

FOLDER = "provenance"
OPENED = "INSM_OPENED"
"""Environment variable: a file to which other processes of a job, such as a notebook's, append what they open."""
NO_STUDIES = ("raw", "weights")  # folders of data/ that belong to no study
NO_RESULTS = (FOLDER, "state", "attempts", "logs", "benchmarks", "tensorboard", "study.json")  # of one machine


class Place(NamedTuple):
    """A file of a study."""

    project: Path  # the folder that holds results/ and data/
    study: str
    name: str  # the file's path in the project

    @property
    def records(self) -> Path:
        """The folder of the study's records."""
        return self.project / "results" / self.study / FOLDER

    @property
    def record(self) -> Path:
        """The record of the job of which this is the first output by name."""
        kind, _, *rest = self.name.split("/")
        return self.records.joinpath(*([kind] if kind == "data" else []), *rest[:-1], f"{rest[-1]}.json")


@dataclass
class Job:
    """What a job has read and written so far: name in the project -> SHA-256."""

    inputs: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)  # of the outputs


class Current:
    """The job that this process runs, if it runs one."""

    job: Job | None = None


def place_of(path: Path) -> Place | None:
    """Where in a project's results or prepared data a file is; None elsewhere, and for logs and checkpoints."""
    parts = Path(os.path.abspath(path)).parts
    for index, part in enumerate(parts[:-2]):
        if part in ("results", "data") and Path(*parts[:index], "Snakefile").is_file():
            study, rest = parts[index + 1], parts[index + 2 :]
            if study in NO_STUDIES or rest[0] in NO_RESULTS or rest[-1] in NO_RESULTS:
                return None
            return Place(Path(*parts[:index]), study, "/".join(parts[index:]))
    return None


def opened(path: Path, digest: str | None = None) -> None:
    """Compare a file with its record before it is read, and note it as an input of the job that this process runs.

    Args:
        path: any file; one without a record passes.
        digest: its SHA-256, where it is known already.

    Raises:
        UserError: it has other bytes than its record says.
    """
    job, listeners, place = Current.job, os.environ.get(OPENED), place_of(path)
    expected = recorded(place) if place else None
    if not expected and not job and not listeners:
        return
    name = place.name if place else _name_in_project(path)
    if not path.is_file() or (job and name in job.outputs):
        return
    digest = digest or sha256(path)
    if expected and place and digest != expected:
        raise UserError(
            f"{path} has other bytes than its record in {place.records} says: run `dvc checkout`, or delete it and "
            f"run `snakemake {name}`"
        )
    if job:
        job.inputs[name] = digest
    if listeners:
        with open(listeners, "a", encoding="utf-8") as stream:
            stream.write(f"{digest}  {name}\n")


def wrote(path: Path) -> None:
    """Note a finished file of a study as an output of the job that this process runs."""
    job = Current.job
    if job and (place := place_of(path)):
        job.inputs.pop(place.name, None)
        job.outputs[place.name] = sha256(path)
        job.places[place.name] = place


def _name_in_project(path: Path) -> str:
    """A file's path in the project that it is part of; as it was given elsewhere."""
    whole = Path(os.path.abspath(path))
    project = next((folder for folder in whole.parents if (folder / "Snakefile").is_file()), None)
    return whole.relative_to(project).as_posix() if project else str(path)


def noted(source: Path, digest: str) -> None:
    """Note what is no single file, such as a folder of images, as an input of the job that this process runs."""
    if Current.job:
        Current.job.inputs[_name_in_project(source)] = digest


def recorded(place: Place) -> str | None:
    """The SHA-256 that the study's records give a file; None if none does."""
    return _index(place.records).get(place.name)


@functools.cache
def _index(folder: Path) -> dict[str, str]:
    return {name: digest for record in records_in(folder).values() for name, digest in record["outputs"].items()}


def records_in(folder: Path) -> dict[Path, dict[str, Any]]:
    """All records of a study by their files.

    Raises:
        UserError: one is damaged.
    """
    found = {}
    for path in sorted(folder.rglob("*.json")):
        try:
            found[path] = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(found[path]["outputs"], dict) or not isinstance(found[path]["inputs"], dict):
                raise TypeError
        except (OSError, ValueError, KeyError, TypeError):
            raise UserError(f"{path} is no record of a job: run `git checkout {path}`, or delete it") from None
    return found


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits; by the standard library: jobs that train do not depend on pooch."""
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()
