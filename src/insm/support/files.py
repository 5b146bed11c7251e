"""Writing files so that a crash never leaves one that looks complete."""

import errno
import json
import os
import re
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from insm.support import records
from insm.support.errors import TemporaryError, UserError, suggest

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # no space is left
AWAY = (errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EREMOTEIO)  # a disk, or a server of files, fails or is away


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Yield a temporary name in the same folder; rename it to `path` only if the block succeeds.

    The bytes are on the disk before the name is: a power cut leaves the old file or the new, never an empty one.

    Raises:
        UserError: the folder cannot be written (permissions, full disk); nothing partial is left.
    """
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")  # unique also among nodes of a cluster
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        _sync(part)
        os.replace(part, path)
        _sync(path.parent)
        records.wrote(path)
    except OSError as error:
        kind = TemporaryError if error.errno in FULL + AWAY else UserError
        raise kind(f"cannot write {path} ({error.strerror or error}): {write_cure(error)}") from None
    finally:
        if part.parent.is_dir():
            part.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Force a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_cure(error: OSError) -> str:
    """What a person can do about a failed write."""
    match error.errno:
        case number if number in FULL:
            return "free space, or choose a folder on another disk"
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return "permit writing there, or choose another folder"
        case number if number in AWAY:
            return "the disk or its server failed: try again when it is back"
    return "choose another folder"


def write_text(path: Path, text: str) -> None:
    """Write a text atomically, as UTF-8 whatever the locale."""
    with atomic(path) as part:
        part.write_text(text, encoding="utf-8")


def write_json(path: Path, content: Any) -> None:
    """Write `content` as sorted, indented JSON: equal content gives equal bytes."""
    write_text(path, json.dumps(content, indent=2, sort_keys=True) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises:
        UserError: it is missing, not JSON, or has other bytes than its record says.
    """
    records.opened(path)
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path} is missing: run `snakemake` to make it") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}): permit it, or name another file") from None
    except ValueError as error:  # no JSON, or no UTF-8
        raise UserError(f"{path} is not valid JSON ({error}): name another file, or make it again") from None


def save_array(array: np.ndarray | None, path: Path) -> None:
    """Write a .npy file atomically; an empty one for None."""
    with atomic(path) as part, part.open("wb") as stream:
        np.save(stream, np.empty(0, dtype=np.uint8) if array is None else array)


def load_array(path: Path) -> np.ndarray:
    """Open a .npy file memory-mapped (an empty one in memory).

    Raises:
        UserError: it is missing, truncated, no .npy file, or has other bytes than its record says.
    """
    records.opened(path)
    try:
        array = np.load(path, mmap_mode="r" if path.stat().st_size > 1024 else None)
    except FileNotFoundError:
        raise UserError(f"{path} is missing: run `snakemake {path}` (or `dvc pull`)") from None
    except (ValueError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise UserError(f"{path} is truncated or no .npy file ({error}): make it again") from None
    if not isinstance(array, np.ndarray):
        raise UserError(f"{path} is no .npy file: make it again")
    return array


TRUTH, WHOLE = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:int"


def read_yaml(path: Path) -> Any:
    """Read a YAML file (UTF-8).

    Raises:
        UserError: it is missing, a folder, not YAML, has a key twice, or one that is no word.
    """
    import yaml  # only here: training a run needs no YAML

    class Loader(yaml.SafeLoader):
        """Refuses a key that occurs twice, of which YAML would keep the last without a word.

        Words and numbers are those of YAML 1.2: `no` and `yes` are words, and 010 is ten.
        """

        yaml_implicit_resolvers = {
            first: [(tag, form) for tag, form in forms if tag not in (TRUTH, WHOLE)]
            for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

        def construct_mapping(self, node, deep=False):
            lines: dict[Any, int] = {}
            for key, _ in node.value:
                if key.tag == "tag:yaml.org,2002:merge":
                    continue
                name, line = self.construct_object(key, deep=True), key.start_mark.line + 1
                if isinstance(name, (dict, list)):
                    raise UserError(
                        f"{path}, line {line}: a key must be a word, not {name}: fill in the placeholder, or quote it"
                    )
                if name in lines:
                    raise UserError(
                        f"{path}: key {name} stands twice, in lines {lines[name]} and {line}: remove or rename one"
                    )
                lines[name] = line
            return super().construct_mapping(node, deep)

    records.opened(path)
    Loader.add_implicit_resolver(TRUTH, re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
    Loader.add_implicit_resolver(WHOLE, re.compile("^[-+]?[0-9]+$"), list("-+0123456789"))
    Loader.add_constructor(WHOLE, lambda loader, node: int(node.value))
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader)
    except FileNotFoundError:
        near = sorted(str(other) for other in path.parent.glob("*.yaml"))
        elsewhere = "" if path.is_absolute() or Path("Snakefile").exists() else ": change to the project's folder"
        raise UserError(f"{path} is missing{suggest(str(path), near)}{elsewhere}") from None
    except IsADirectoryError:
        raise UserError(f"{path} is a folder: name a file in it, such as {path / 'study.yaml'}") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}): permit it, or name another file") from None
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from None
