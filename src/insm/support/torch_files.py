"""Torch files: written atomically, read with clear errors."""

import io
from pathlib import Path
from typing import Any

import torch

from insm.support import records
from insm.support.errors import UserError
from insm.support.files import atomic


def save(content: Any, path: Path) -> None:
    """Write tensors and plain values. Through memory, since torch would write the file's own name into it."""
    buffer = io.BytesIO()
    torch.save(content, buffer)
    with atomic(path) as part:
        part.write_bytes(buffer.getbuffer())


def load(path: Path, *keys: str, device: torch.device | str = "cpu", cure: str | None = None) -> dict[str, Any]:
    """Read a dictionary that `save` wrote.

    Raises:
        UserError: the file is missing, truncated, not a torch file, or lacks one of `keys`, or has other bytes than
            its record says; the line ends in `cure`, or tells how to make the file again.
    """
    cure = cure or f"make it again with `snakemake --force {path}` (or `dvc pull`)"
    records.opened(path)
    try:
        content = torch.load(path, map_location=device, weights_only=True)
    except FileNotFoundError:
        raise UserError(f"{path} is missing: {cure}") from None
    except Exception as error:  # torch's unpickler raises many kinds for a file that is not its own
        raise UserError(f"{path} is truncated or no torch file ({type(error).__name__}): {cure}") from None
    if not isinstance(content, dict) or not content.keys() >= set(keys):
        raise UserError(f"{path} is another kind of file, without {', '.join(keys)}: {cure}")
    return content
