"""Text lists beside a prepared split, a line for each thing told: `<stem>.unreadable.txt` and `<stem>.notes.txt`.

A list that would be empty is not there. "unreadable" says why raw images have no row; "notes" says what else was left
out, converted or assumed, with its count.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from insm.support.files import atomic

Kind = Literal["unreadable", "notes"]


def list_path(images: Path, kind: Kind) -> Path:
    """Where the list of a prepared split (its .npy file) lies."""
    return images.with_suffix(f".{kind}.txt")


def write_list(images: Path, kind: Kind, lines: Iterable[str]) -> None:
    """Write a list, or remove that of an earlier run where there is nothing to tell."""
    path, text = list_path(images, kind), "".join(f"{line}\n" for line in lines)
    if text:
        with atomic(path) as part:
            part.write_text(text, encoding="utf-8")
    else:
        path.unlink(missing_ok=True)


def read_list(images: Path, kind: Kind) -> list[str]:
    """The lines of a list, none where it is not there."""
    path = list_path(images, kind)
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
