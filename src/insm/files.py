"""Writing files so that a crash never leaves one that looks complete."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from insm.errors import UserError


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
