"""Torch files: written atomically with equal bytes for equal content, read with clear errors."""

import io
import pickle
from pathlib import Path
from typing import Any

import torch

from insm.errors import UserError
from insm.files import atomic


def save(content: Any, path: Path) -> None:
    """Write tensors and plain values. Saved through memory since torch writes the file's own name into it."""
    buffer = io.BytesIO()
    torch.save(content, buffer)
    with atomic(path) as part:
        part.write_bytes(buffer.getbuffer())


def load(path: Path, device: torch.device | str = "cpu") -> Any:
    """Read a file that `save` wrote.

    Raises:
        UserError: it is missing, truncated or not a torch file.
    """
    try:
        return torch.load(path, map_location=device, weights_only=True)
    except FileNotFoundError:
        raise UserError(f"{path} is missing: run `snakemake {path}` (or `dvc pull`)") from None
    except (RuntimeError, EOFError, OSError, pickle.UnpicklingError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"{path} is truncated or no torch file ({reason}): delete it and run again") from None
