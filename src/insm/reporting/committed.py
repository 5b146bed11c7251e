"""What git keeps of the commit that is checked out, and DVC of results in the cache of this machine."""

import functools
import io
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from insm.support.errors import UserError
from insm.support.records import FOLDER, sha256

Find = Callable[[str, str], Path | None]


def committed_records(project: Path, study: str) -> dict[Path, dict[str, Any]]:
    """The records of a study's jobs in the commit that is checked out, by their files; none outside a clone.

    Raises:
        UserError: one is damaged.
    """
    done = _git(project, "archive", "HEAD", "--", f"results/{study}/{FOLDER}")
    if done.returncode:  # no clone, or no records in it
        return {}
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as files:
        streams = {member.name: files.extractfile(member) for member in files if member.name.endswith(".json")}
        return {project / name: _parsed(name, stream.read()) for name, stream in streams.items() if stream}


def _parsed(name: str, content: bytes) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads(content)
        if isinstance(record["outputs"], dict):
            return record
    except (ValueError, KeyError, TypeError):
        pass
    raise UserError(f"{name} is no record of a job in the commit that is checked out: commit a whole one, or remove it")


def committed_files(project: Path, study: str) -> set[str]:
    """The files of a study in the commit that is checked out, by their paths in the project."""
    done = _git(project, "ls-tree", "-r", "-z", "--name-only", "HEAD", "--", f"results/{study}", f"data/{study}")
    return {name for name in done.stdout.decode().split("\0") if name} if not done.returncode else set()


@contextmanager
def kept_files(project: Path, other: Path | None = None) -> Iterator[Find]:
    """A function (name, SHA-256) -> a file with these bytes, or None.

    It looks in `other`, the folder of another project, then in the commit that is checked out, then in DVC's cache.
    """
    caches = functools.cache(lambda: list(_caches(project)))
    with tempfile.TemporaryDirectory() as folder:

        def find(name: str, digest: str) -> Path | None:
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_git(project, "show", f"HEAD:./{name}").stdout)
            for candidate in filter(None, (other and other / name, path)):
                if candidate.is_file() and sha256(candidate) == digest:
                    return candidate
            for get in caches():
                if get(name, path) and sha256(path) == digest:
                    return path
            return None

        yield find


def _caches(project: Path) -> Iterator[Callable[[str, Path], bool]]:
    """Functions (name, path) that copy what DVC's lock, of the commit or of now, says of a file -> whether it is here.

    The default remote is set to none: its name may be of no remote, and nothing is to be downloaded here.
    """
    try:
        from dvc.exceptions import DvcException
        from dvc.fs import DataFileSystem
        from dvc.repo import Repo
        from dvc_data.index import DataIndexDirError
    except ImportError:  # DVC is not installed
        return
    for revision in ("HEAD", None):
        try:
            index = Repo(str(project), rev=revision, config={"core": {"remote": ""}}).index.data["repo"]
        except DvcException:  # no project of DVC, or no commit
            continue
        files = DataFileSystem(index=index)

        def get(name: str, path: Path, files: Any = files) -> bool:
            try:
                files.get_file(name, str(path))
            except (FileNotFoundError, DataIndexDirError):  # not in the lock, or not in the cache
                return False
            return True

        yield get


def _git(project: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", "-C", project, *words], capture_output=True, check=False)
    except FileNotFoundError:  # no git
        return subprocess.CompletedProcess(words, 127, b"", b"")
