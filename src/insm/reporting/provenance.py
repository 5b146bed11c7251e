"""The chain from a result back to raw bytes, from the records that jobs leave (`support.recording`)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from insm.reporting.tables import TEXTS, read_table
from insm.support.errors import UserError, suggest
from insm.support.records import Place, place_of, records_in, sha256

SHOWN = 16  # digits of a hash
WIDTH = 240  # letters of a command
FACTS = ("began", "code", "command", "machine", "seconds", "seed", "settings", "versions")  # of every record


class Made(NamedTuple):
    """The record of the job that made a file."""

    path: Path
    content: dict[str, Any]


class Focus(NamedTuple):
    """The trainings that a cell of a table is about; None: all."""

    task: str | None = None
    variant: str | None = None
    seed: str | None = None


def made_by(folder: Path) -> dict[str, Made]:
    """Every file that a study's records name -> its record.

    Args:
        folder: of the records, results/<study>/provenance.
    """
    records = records_in(folder)
    return {name: Made(path, content) for path, content in records.items() for name in content["outputs"]}


class Chain:
    """All that a result of a study was made of.

    Raises:
        UserError: the file is no result of a study, or no record names it.
    """

    def __init__(self, file: Path):
        self.place = place_in_study(file)
        self.made = made_by(self.place.records)
        if self.place.name not in self.made:
            cure = f"run `snakemake --force {self.place.name}`" if file.exists() else "name a result that is there"
            raise UserError(f"no record in {self.place.records} names {self.place.name}: {cure}")
        self.copies = {made.content["outputs"][name]: name for name, made in self.made.items()}
        runs = [name.split("/")[3:5] for name in self.made if name.startswith(f"results/{self.place.study}/runs/")]
        self.tasks, self.variants = {task for task, _ in runs}, {variant for _, variant in runs}

    def lines(self, focus: Focus) -> Iterator[str]:
        """A line for each fact, from the result to raw bytes; each file is told once."""
        name = self.place.name
        yield from self._lines(name, self.made[name].content["outputs"][name], focus, 0, set())

    def _lines(self, name: str, digest: str, focus: Focus, depth: int, told: set[str]) -> Iterator[str]:
        margin, again = "  " * depth, name in told
        told.add(name)
        state = ", as above" if again else state_of(self.place.project / name, digest)
        yield f"{margin}{name}  sha256 {digest[:SHOWN]}{state}"
        if again:
            return
        if name not in self.made and digest not in self.copies:
            yield f"{margin}  {origin(name)}"
            return
        if name not in self.made:
            yield f"{margin}  a copy of {self.copies[digest]}"
            name = self.copies[digest]
        record = self.made[name].content
        if (job := self.made[name].path.as_posix()) in told:
            yield f"{margin}  by the same job as {' and '.join(sorted(told & record['outputs'].keys() - {name}))}"
            return
        if lacking := [key for key in FACTS if key not in record]:
            raise UserError(f"{job} lacks {lacking[0]}, so it is no record of a job: run `git checkout {job}`")
        told.add(job)
        yield from (f"{margin}  {line}" for line in facts(record))
        parents = {path: known for path, known in sorted(record["inputs"].items()) if self.concerns(path, focus)}
        if not parents:
            yield f"{margin}  from no file: drawn by the code"
        for path, known in parents.items():
            yield from self._lines(path, known, focus, depth + 1, told)

    def concerns(self, name: str, focus: Focus) -> bool:
        """Whether a file may have a part in what is in focus: those of other tasks, variants and seeds have none."""
        if name.count("/") < 2:  # of no study, such as config/study.yaml
            return True
        *folders, file = name.split("/")[2:]
        stem = file.partition(".")[0]
        if focus.task and (self.tasks - {focus.task}) & {*folders, stem, stem.rpartition("-")[2]}:
            return False
        if focus.variant and (self.variants - {focus.variant}) & set(folders):
            return False
        seeds = [part.removeprefix("seed") for part in (*folders, *stem.split("-")) if part.startswith("seed")]
        return not focus.seed or all(seed == focus.seed for seed in seeds if seed.isdigit())

    def cell(self, row: str, column: str) -> tuple[str, Focus]:
        """The value of a cell of the result, a table, as a text, and the trainings that its row is about.

        Args:
            row: words of the row, comma-separated, such as "portraits,init-c,0,accuracy,mean".
            column: its name.

        Raises:
            UserError: there is no such column, or not exactly one such row.
        """
        path = self.place.project / self.place.name
        table = read_table(path, dtype=str).fillna("")
        if column not in table:
            raise UserError(f"{path} has no column {column!r}{suggest(column, list(table))}")
        found = table[table.apply(lambda cells: set(row.split(",")) <= set(cells), axis=1)]
        if len(found) != 1:
            names = [name for name in table if name in TEXTS or name == "seed"]
            raise UserError(
                f"{len(found)} rows of {path} have {row}: name one row by words of its columns {', '.join(names)}, "
                "comma-separated"
            )
        only: pd.Series = found.iloc[0]
        task = only.get("task") or next((name for name in self.tasks if path.stem.endswith(f"-{name}")), None)
        return only[column] or "empty", Focus(task, only.get("variant") or None, only.get("seed") or None)


def place_in_study(file: Path) -> Place:
    """Where a file is.

    Raises:
        UserError: it is no result of a study.
    """
    if (place := place_of(file)) is None:
        raise UserError(f"{file} is no result of a study: name a file below results/<study> or data/<study>")
    return place


def state_of(path: Path, digest: str) -> str:
    """Whether a file is here, with the bytes that the record says."""
    if not path.exists():
        return ", not here"
    return "" if path.is_dir() or sha256(path) == digest else ", HERE WITH OTHER BYTES"


def origin(name: str) -> str:
    """What a file is that no job made."""
    if name.startswith("data/raw/"):
        return "the record of downloaded files: their addresses and SHA-256"
    return "no job of the study made it"


def facts(record: dict[str, Any]) -> list[str]:
    """The facts of a record, a line each."""
    code, machine = record["code"], record["machine"]
    commit = f"commit {code['commit'][:12]}" if code["commit"] else "no commit"
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    seed = "" if record["seed"] is None else f", seed {record['seed']}"
    settings = "".join(f", settings {digest[:SHOWN]}" for digest in record["settings"])
    command = record["command"]
    return [
        f"by: {command if len(command) <= WIDTH else f'{command[:WIDTH]} ...'}",
        f"in {record['seconds']} s from {record['began']}{seed}{settings}",
        f"code {code['sha256'][:SHOWN]}, {commit}{' with changes' if code['changed'] else ''}; {versions}",
        f"on {', '.join(filter(None, (machine['system'], machine['processor'], machine['gpu'])))}",
    ]
