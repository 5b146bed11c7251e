"""Prepared splits: one split of a task's images as a memory-mapped uint8 array beside a parquet table.

`<stem>.npy` holds images [N, S, S, 3]; `<stem>.parquet` holds one row an image: attributes and parameters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from insm.data import checksums
from insm.support.errors import UserError
from insm.support.files import load_array


@dataclass(frozen=True)
class PreparedSplit:
    """Images uint8 [N, S, S, 3] (possibly memory-mapped) and their table of N rows."""

    images: np.ndarray
    table: pd.DataFrame
    name: str = "the prepared split"  # its file, for messages

    def __post_init__(self):
        if self.images.ndim != 4 or self.images.shape[-1] != 3 or self.images.dtype != np.uint8:
            raise UserError(
                f"a prepared split holds uint8 [N, S, S, 3], not {self.images.dtype} {list(self.images.shape)}"
            )
        if len(self.images) != len(self.table):
            raise UserError(f"{len(self.images)} images but {len(self.table)} table rows: prepare the split again")

    def __len__(self) -> int:
        return len(self.images)

    @property
    def size(self) -> int:
        """Width and height in pixels."""
        return self.images.shape[1]

    def labels(self, attributes: Sequence[str]) -> np.ndarray:
        """The named attributes, uint8 [N, A] in {0, 1}, in the given order."""
        missing = [name for name in attributes if name not in self.table.columns]
        if missing:
            raise UserError(f"{self.name}: its table lacks attribute {missing[0]}: run `snakemake --force {self.name}`")
        labels = self.table[list(attributes)].to_numpy()
        if not np.isin(labels, (0, 1)).all():
            raise UserError(f"{self.name}: its attributes must be 0 or 1: run `snakemake --force {self.name}`")
        return labels.astype(np.uint8)


def load_split(images: Path) -> PreparedSplit:
    """Open `<stem>.npy` memory-mapped with the table beside it, after comparing both files with their checksums.

    Raises:
        UserError: a file is missing, has other bytes or another shape, or the two do not belong together.
    """
    table = images.with_suffix(".parquet")
    for path in (images, table):
        if not path.exists():
            raise UserError(f"{path} is missing: run `snakemake {path}` (or `dvc pull`)")
    checksums.verify(images)
    array = load_array(images)
    try:
        rows = pd.read_parquet(table)
    except Exception as error:  # pyarrow raises many kinds for a broken file
        raise UserError(f"{table} is no readable parquet table ({error}): make it again") from None
    try:
        return PreparedSplit(array, rows, str(images))
    except UserError as error:
        raise UserError(f"{images}: {error}") from None
