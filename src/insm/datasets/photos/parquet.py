"""Images inside parquet files, as Hugging Face's `datasets` writes them: a column `image` of {bytes, path}."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from insm.support.errors import UserError

IMAGE = "image"


class ParquetImages:
    """One parquet file. Images are read by the row group; the last group is kept, and threads take turns.

    Raises:
        UserError: it is unreadable, or has no such column `image`.
    """

    def __init__(self, path: Path):
        self.path, self.lock = path, Lock()
        self.group = -1  # number of the row group that was read last
        self.images: Any = None  # and its images
        try:
            self.file = pq.ParquetFile(path)
        except (OSError, pa.ArrowException) as error:
            raise self.unreadable(error) from None
        schema = self.file.schema_arrow
        self.columns: list[str] = schema.names
        image = schema.field(IMAGE).type if IMAGE in self.columns else pa.null()
        if not pa.types.is_struct(image) or {"bytes", "path"} - {field.name for field in image}:
            raise UserError(
                f"{path} has no column `image` of bytes and path: it has {', '.join(self.columns) or 'none'}"
            )
        groups = range(self.file.num_row_groups)
        self.starts = np.cumsum([0, *(self.file.metadata.row_group(k).num_rows for k in groups)])

    def __len__(self) -> int:
        return int(self.starts[-1])

    def column(self, name: str) -> np.ndarray:
        """A whole column by name, `image.path` for a part of one; missing values are None or NaN."""
        try:
            column = self.file.read(columns=[name]).combine_chunks().flatten().column(0)
        except (OSError, pa.ArrowException) as error:
            raise self.unreadable(error) from None
        return column.to_numpy()

    def content(self, row: int) -> bytes | None:
        """The file inside one row."""
        group = int(np.searchsorted(self.starts, row, side="right")) - 1
        with self.lock:
            if self.group != group:
                self.images = self.file.read_row_group(group, columns=[f"{IMAGE}.bytes"]).column(IMAGE)
                self.group = group
            return (self.images[row - int(self.starts[group])].as_py() or {}).get("bytes")

    def unreadable(self, error: Exception) -> UserError:
        """What to say of a file that cannot be read."""
        reason = " ".join(str(error).split())
        return UserError(f"{self.path} is truncated or no parquet file ({reason}): put the published file there")


@dataclass(frozen=True)
class Cell:
    """An image in one row of a parquet file; it opens and names itself like a path."""

    file: ParquetImages
    row: int

    def __str__(self) -> str:
        return f"{self.file.path}, row {self.row},"

    def is_file(self) -> bool:
        return True

    def open(self, mode: str = "rb") -> BytesIO:
        content = self.file.content(self.row)
        if content is None:
            raise ValueError("it holds no bytes")
        return BytesIO(content)
