"""Packs: one split of a dataset as a memory-mapped uint8 array beside a parquet table.

`<stem>.npy` holds pictures [N, S, S, 3]; `<stem>.parquet` holds one row a picture: attribute bits and parameters.
"""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from insm.errors import UserError
from insm.files import atomic


@dataclass(frozen=True)
class Pack:
    """Pictures uint8 [N, S, S, 3] (possibly memory-mapped) and their table of N rows."""

    images: np.ndarray
    table: pd.DataFrame
    name: str = "the pack"  # its file, for messages

    def __post_init__(self):
        if self.images.ndim != 4 or self.images.shape[-1] != 3 or self.images.dtype != np.uint8:
            raise UserError(f"a pack holds uint8 [N, S, S, 3], not {self.images.dtype} {list(self.images.shape)}")
        if len(self.images) != len(self.table):
            raise UserError(f"{len(self.images)} pictures but {len(self.table)} table rows: make the pack again")

    def __len__(self) -> int:
        return len(self.images)

    @property
    def size(self) -> int:
        """Width and height in pixels."""
        return self.images.shape[1]

    def labels(self, attributes: Sequence[str]) -> np.ndarray:
        """Attribute bits uint8 [N, A] in the given order."""
        missing = [name for name in attributes if name not in self.table.columns]
        if missing:
            raise UserError(f"{self.name}: its table lacks attribute {missing[0]}: delete it and run `snakemake` again")
        bits = self.table[list(attributes)].to_numpy()
        if not np.isin(bits, (0, 1)).all():
            raise UserError(f"{self.name}: its attributes must be 0 or 1: delete it and run `snakemake` again")
        return bits.astype(np.uint8)


def save(pack: Pack, images: Path, table: Path) -> None:
    """Write both files atomically; the table last, so that a killed run never looks complete."""
    with atomic(images) as part, part.open("wb") as stream:
        np.save(stream, pack.images)
    with atomic(table) as part:
        pack.table.to_parquet(part, index=False)


def load(images: Path) -> Pack:
    """Open `<stem>.npy` memory-mapped with the table beside it.

    Raises:
        UserError: a file is missing, truncated, of another shape, or the two do not belong together.
    """
    table = images.with_suffix(".parquet")
    for path in (images, table):
        if not path.exists():
            raise UserError(f"{path} is missing: run `snakemake {path}` (or `dvc pull`)")
    pictures = load_array(images)
    try:
        rows = pd.read_parquet(table)
    except Exception as error:  # pyarrow raises many kinds for a broken file
        raise UserError(f"{table} is no readable parquet table ({error}): delete it and run again") from None
    try:
        return Pack(pictures, rows, str(images))
    except UserError as error:
        raise UserError(f"{images}: {error}") from None


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
