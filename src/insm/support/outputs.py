"""Whether results still are what their jobs made.

Snakemake compares the inputs of a job, never its outputs: a model that was overwritten, damaged in place or replaced by
another version would be taken for the job's. So the main process keeps a record of every output: its stat (size, times,
inode) and its MD5, the hash by which DVC knows it. Where the stat is the same nothing is read; where it differs, and no
job has made the file since, the content decides.
"""

import os
import shutil
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from hashlib import file_digest
from pathlib import Path
from typing import Any

from insm.support.errors import UserError
from insm.support.files import read_json, write_json

RECORDS = Path(".snakemake", "metadata")  # what Snakemake keeps of each output
BEGUN = Path(".snakemake", "incomplete")  # the same names, of outputs of jobs whose end it has not seen
TIMESTAMP = ".snakemake_timestamp"  # in folders that are outputs
REPLACED = Path(".snakemake", "replaced")  # what stood in the place of an output, in case somebody misses it

Files = dict[str, list]  # name in a folder that is an output, "" for the output itself -> *stat, MD5
Record = dict[str, dict[str, Any]]  # output -> "made": when its job ended, "files": Files


class Outputs:
    """The record of a study's outputs, kept in a file.

    Args:
        folders: of the study's data and results: outputs elsewhere are not looked at.
        kept: the file.
    """

    def __init__(self, folders: Iterable[str], kept: Path):
        self.folders, self.kept = tuple(f"{folder}/" for folder in folders), kept
        self.record: Record = {}
        if kept.exists():
            try:
                self.record = read_json(kept)
            except UserError as error:
                raise UserError(f"{kept}, which tells what jobs made, is damaged ({error}): delete it") from None

    def changed(self) -> list[str]:
        """Outputs that are there but not as their jobs left them; the record gets what jobs have made since."""
        return [output for output in self.made() if os.path.lexists(output) and not self._intact(output)]

    def made(self) -> list[str]:
        """The outputs that Snakemake has a record of, sorted."""
        names = (_decoded(Path(folder, name)) for folder, _, files in os.walk(RECORDS) for name in files)
        return sorted(name for name in names if name.startswith(self.folders))

    def save(self) -> None:
        write_json(self.kept, self.record)

    def restore(self, output: str, cache: Path) -> bool:
        """Put an output back as it was, from DVC's cache; what is in its place is kept in .snakemake/replaced.

        Returns:
            Whether all of it is there again.
        """
        known: Files = self.record.get(output, {}).get("files", {})
        copies = {name: cache / "files" / "md5" / entry[-1][:2] / entry[-1][2:] for name, entry in known.items()}
        if not known or not all(copy.is_file() and md5(copy) == known[name][-1] for name, copy in copies.items()):
            return False
        put_aside(output)
        for name, copy in copies.items():
            path = Path(output, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(copy, path)
            os.utime(path, ns=(known[name][1], known[name][1]))
            known[name] = [*_stat(path), known[name][-1]]
        if "" not in known:
            self._stamp(Path(output), self.record[output]["made"])
        return True

    @staticmethod
    def _stamp(folder: Path, time: float) -> None:
        (folder / TIMESTAMP).touch()
        os.utime(folder / TIMESTAMP, (time, time))

    def _intact(self, output: str) -> bool:
        stats = {name: _stat(Path(output, name)) for name in names_of(Path(output))}
        entry = self.record.get(output)
        if entry and {name: file[:-1] for name, file in entry["files"].items()} == stats:
            return True
        now = {name: [*stat, md5(Path(output, name))] for name, stat in stats.items()}
        made = _made(output)
        if entry and made == entry["made"]:
            if _contents(entry["files"]) != _contents(now):
                return False
        elif not _as_left(Path(output), made):
            return False
        self.record[output] = {"made": made, "files": now}
        return True


def _contents(files: Files) -> dict[str, str]:
    return {name: file[-1] for name, file in files.items()}


def refresh(output: str) -> None:
    """Give the files of an output the present time."""
    for name in names_of(Path(output)):
        os.utime(Path(output, name))


def put_aside(output: str) -> None:
    """Move an output to .snakemake/replaced."""
    aside = REPLACED / output
    if aside.is_dir() and not aside.is_symlink():
        shutil.rmtree(aside)
    aside.parent.mkdir(parents=True, exist_ok=True)
    os.replace(output, aside)


def md5(path: Path) -> str:
    """The MD5 of a file, as DVC names it; no protection from forgery."""
    with path.open("rb") as stream:
        return file_digest(stream, "md5").hexdigest()


def names_of(output: Path) -> Iterator[str]:
    """The files of an output: "" for a file, those below it for a folder."""
    if not output.is_dir():
        yield ""
        return
    for folder, _, files in os.walk(output):
        yield from (str(Path(folder, name).relative_to(output)) for name in files if name != TIMESTAMP)


def _stat(path: Path) -> list[int]:
    """Size, times (ns) and inode: the time of change cannot be set back, so it tells of every write."""
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def _as_left(output: Path, made: float | None) -> bool:
    """Whether an output has the time at which its job left it, and no file in a folder a later one."""
    if made is None:
        return False
    if not output.is_dir():
        return output.stat().st_mtime == made
    times = [
        Path(output, name).stat().st_mtime for name in (TIMESTAMP, *names_of(output)) if Path(output, name).exists()
    ]
    return max(times, default=0) == made


def _made(output: str) -> float | None:
    """When the job of an output ended, as Snakemake recorded it."""
    path = _kept_in(RECORDS, output)
    return read_json(path).get("endtime") if path.exists() else None


def is_begun(output: str) -> bool:
    """Whether Snakemake had begun a job that makes an output, and did not see its end."""
    return _kept_in(BEGUN, output).exists()


def _kept_in(folder: Path, output: str) -> Path:
    """What Snakemake keeps of an output in one of its folders."""
    code = urlsafe_b64encode(output.encode()).decode()
    parts = [code[i : i + 254] for i in range(0, len(code), 254)]  # as Snakemake splits long names
    return folder.joinpath(*(f"@{part}" for part in parts[:-1]), parts[-1])


def _decoded(path: Path) -> str:
    code = "".join(part.removeprefix("@") for part in path.relative_to(RECORDS).parts)
    try:
        return urlsafe_b64decode(code).decode()
    except ValueError:  # no record
        return ""
