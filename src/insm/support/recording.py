"""Writes the record of a job: what it read, what it made, with which settings, code, versions and machine."""

import json
import platform
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any

from insm.support import records
from insm.support.files import write_json
from insm.support.frozen_code import check_code
from insm.support.imports import loaded_files
from insm.support.records import Current, Job, records_in

PACKAGES = ("torch", "torchvision", "numpy", "pandas", "pyarrow", "scipy", "PIL", "matplotlib", "nbconvert")
NAMES = {"PIL": "pillow"}  # distributions that are named otherwise than their modules
MADE_OF = ("outputs", "inputs", "settings")  # what a record is about; the rest tells who made it first


@contextmanager
def recording(command: Sequence[str]) -> Iterator[None]:
    """While the block runs, note what this process reads and writes; if it succeeds, record it.

    Args:
        command: words of the command line after `insm`.
    """
    records._index.cache_clear()  # a job before, or another process, may have written some since
    Current.job, began = Job(), time.time()
    try:
        yield
    except SystemExit as end:
        if not end.code:
            check_code()
            _record(Current.job, command, began)
        raise
    else:
        check_code()
        _record(Current.job, command, began)
    finally:
        Current.job = None


def _record(job: Job, command: Sequence[str], began: float) -> None:
    """Write the record of a job that made files of a study.

    A job that makes the same bytes again, of the same inputs and settings, leaves the record of the first time, so that
    a repeated study changes no file.
    """
    if not job.outputs:
        return
    place = job.places[min(job.outputs)]
    settings = {word: json.loads(word) for word in command if word.startswith("{")}
    content: dict[str, Any] = {
        "command": " ".join(["insm", *(_short(word) for word in command)]),
        "outputs": job.outputs,
        "inputs": job.inputs,
        "settings": [_digest(word) for word in settings],
        "seed": next((value["seed"] for value in settings.values() if "seed" in value), None),
        "code": code_now() | _commit(place.project),
        "versions": versions(),
        "machine": machine(),
        "began": datetime.fromtimestamp(began, UTC).isoformat(timespec="seconds"),
        "seconds": round(time.time() - began, 1),
    }
    file = place.record
    for path, record in records_in(place.records).items():
        if path == file and all(record.get(key) == content[key] for key in MADE_OF):
            return
        if path != file and job.outputs.keys() & record["outputs"].keys():  # of a time when jobs were cut otherwise
            path.unlink(missing_ok=True)
    write_json(file, content)


def code_now() -> dict[str, str]:
    """A hash of the source files of all modules of the package that this process has imported."""
    parts = sorted(f"{name} {sha256(path.read_bytes()).hexdigest()}" for name, path in loaded_files().items())
    return {"sha256": _digest("\n".join(parts))}


def _commit(project: Path) -> dict[str, Any]:
    """The commit that is checked out, and whether the sources differ from it."""

    def git(*words: str) -> subprocess.CompletedProcess:
        return subprocess.run(["git", "-C", project, *words], capture_output=True, text=True, check=False)

    try:
        commit = git("rev-parse", "--verify", "HEAD").stdout.strip()
        changed = git("diff", "--quiet", "HEAD", "--", "src").returncode != 0
    except OSError:  # no git
        commit, changed = "", True
    return {"commit": commit or None, "changed": changed}


def versions() -> dict[str, str]:
    """Versions of Python, this package and those packages that the process has imported."""
    loaded = [name for name in (*PACKAGES, "insm") if name in sys.modules]
    known = {NAMES.get(name, name): _version(name) for name in loaded}
    return {"python": platform.python_version()} | dict(sorted(known.items()))


def _version(module: str) -> str:
    """Version of an imported package; it need not be installed: `insm train` runs from its sources too."""
    try:
        return metadata.version(NAMES.get(module, module))
    except metadata.PackageNotFoundError:
        return getattr(sys.modules[module], "__version__", "unknown")


def machine() -> dict[str, str | None]:
    """Kind of machine: system, processor and GPU, not which one of them it is."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        processor = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        processor = platform.processor()
    torch = sys.modules.get("torch")
    gpu = torch.cuda.get_device_name() if torch and torch.cuda.is_initialized() else None
    return {"system": f"{platform.system()} {platform.machine()}", "processor": processor, "gpu": gpu}


def _short(word: str) -> str:
    """A word of a command; settings, which are long, as their hash."""
    return f"sha256:{_digest(word)[:16]}" if word.startswith("{") else word


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
