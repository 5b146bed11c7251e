"""Writing files so that a crash never leaves one that looks complete."""

import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from insm.support.errors import UserError, suggest


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Yield a temporary name in the same folder; rename it to `path` only if the block succeeds.

    Raises:
        UserError: the folder cannot be written (permissions, full disk); nothing partial is left.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        os.replace(part, path)
    except OSError as error:
        raise UserError(
            f"cannot write {path} ({error.strerror or error}): free space or choose another folder"
        ) from None
    finally:
        if part.parent.is_dir():
            part.unlink(missing_ok=True)


def write_json(path: Path, content: Any) -> None:
    """Write `content` as sorted, indented JSON: equal content gives equal bytes."""
    with atomic(path) as part:
        part.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises:
        UserError: it is missing or not JSON.
    """
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        raise UserError(f"{path} is missing: run `snakemake` to make it") from None
    except (OSError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is not valid JSON ({error}): delete it and run again") from None


def save_array(array: np.ndarray | None, path: Path) -> None:
    """Write a .npy file atomically; an empty one for None."""
    with atomic(path) as part, part.open("wb") as stream:
        np.save(stream, np.empty(0, dtype=np.uint8) if array is None else array)


def load_array(path: Path) -> np.ndarray:
    """Open a .npy file memory-mapped (an empty one in memory).

    Raises:
        UserError: it is missing, truncated or no .npy file.
    """
    try:
        array = np.load(path, mmap_mode="r" if path.stat().st_size > 1024 else None)
    except FileNotFoundError:
        raise UserError(f"{path} is missing: run `snakemake {path}` (or `dvc pull`)") from None
    except (ValueError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise UserError(f"{path} is truncated or no .npy file ({error}): delete it and run again") from None
    if not isinstance(array, np.ndarray):
        raise UserError(f"{path} is no .npy file: delete it and run again")
    return array


def read_yaml(path: Path) -> Any:
    """Read a YAML file.

    Raises:
        UserError: it is missing or not YAML.
    """
    import yaml  # only here: training a run needs no YAML

    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        near = sorted(str(other) for other in path.parent.glob("*.yaml"))
        raise UserError(f"{path} is missing{suggest(str(path), near)}") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from None
