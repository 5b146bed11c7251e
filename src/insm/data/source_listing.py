"""What is in a folder of a person's own (`data.source`), so that a change in it makes the data again.

The workflow takes the fingerprint as a parameter of the job that prepares a split. Only the standard library is needed.
"""

import os
from collections.abc import Iterator
from hashlib import file_digest, sha256
from pathlib import Path

TABLES = (".csv", ".tsv", ".txt")  # compared by content; images by size and time, as rsync does


def source_files(source: Path) -> list[Path]:
    """Every file below a folder, by path; hidden ones left out, links followed."""
    return sorted(_files(source, {source.resolve()}))


def _files(folder: Path, seen: set[Path]) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith("."):
            continue
        if path.is_dir():
            if (target := path.resolve()) not in seen:  # a link may lead back
                yield from _files(path, seen | {target})
        else:
            yield path


def source_listing(source: Path) -> list[str]:
    """A line for each file: path below the folder, bytes, then a table's SHA-256 or an image's time of change (ns).

    A folder that is not there gives one line that says so: a study may be read before its images arrive.
    """
    if not source.is_dir():
        return ["no folder"]
    return [_line(path, path.relative_to(source).as_posix()) for path in source_files(source)]


def _line(path: Path, name: str) -> str:
    try:
        status = os.stat(path)
        if path.suffix.lower() not in TABLES:
            return f"{name}\t{status.st_size}\t{status.st_mtime_ns}"
        with path.open("rb") as stream:
            return f"{name}\t{status.st_size}\t{file_digest(stream, 'sha256').hexdigest()}"
    except OSError as error:  # a dangling link, or no permission
        return f"{name}\t{error.strerror}"


def source_fingerprint(source: Path) -> str:
    """The SHA-256 of the listing: it changes when a file is added, removed or replaced, or a table is edited."""
    return sha256("\n".join(source_listing(source)).encode(errors="surrogateescape")).hexdigest()
