"""Lazy splits: a table whose images are rendered or decoded chunk by chunk, when they are needed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from insm.data.prepared_split import PreparedSplit
from insm.data.unreadable import unreadable_error
from insm.support.errors import UserError

Made = np.ndarray | UserError  # an image uint8 [S, S, 3], or why it cannot be read


@dataclass(frozen=True)
class LazySplit:
    """A split whose images do not exist yet, so that it may be larger than the memory.

    table        N rows
    size         width and height, pixels
    make_images  rows -> for each, its image or the reason why there is none; called by several threads, and an image
                 depends on its row alone
    chunk        rows made at once
    order        which row is made first, second, ... (`make_images` then gets places in this order); None: in order
    notes        what was left out, converted or assumed, with counts; asked for when all images are made
    """

    table: pd.DataFrame
    size: int
    make_images: Callable[[slice], Iterable[Made]]
    chunk: int
    order: Sequence[int] | np.ndarray | None = None
    notes: Callable[[], list[str]] = list

    @classmethod
    def of(cls, split: PreparedSplit) -> "LazySplit":
        """A split whose images exist already."""
        return cls(split.table, split.size, lambda rows: split.images[rows], chunk=256)

    def __len__(self) -> int:
        return len(self.table)

    def part(self, start: int, stop: int) -> "LazySplit":
        """The rows from `start` on, before `stop`; of images in pairs, both are even."""
        table = self.table.iloc[start:stop].reset_index(drop=True)
        if "pair" in table:
            table["pair"] -= start
        if self.order is None:
            make_images = lambda rows: self.make_images(slice(start + rows.start, start + rows.stop))  # noqa: E731
            return LazySplit(table, self.size, make_images, self.chunk, notes=self.notes)
        order = np.asarray(self.order)
        places = np.flatnonzero((order >= start) & (order < stop)).tolist()

        def one_by_one(rows: slice) -> list[Made]:
            return [made for k in places[rows] for made in self.make_images(slice(k, k + 1))]

        return LazySplit(table, self.size, one_by_one, self.chunk, order[places] - start, self.notes)

    def make_chunk(self, start: int) -> list[tuple[int, Made]]:
        """(row, image or reason) of the chunk that begins at place `start`."""
        places = slice(start, min(start + self.chunk, len(self)))
        rows = range(len(self))[places] if self.order is None else [int(row) for row in self.order[places]]
        return list(zip(rows, self.make_images(places), strict=True))

    def in_memory(self) -> PreparedSplit:
        """Make all images in memory.

        Raises:
            UserError: images are unreadable.
        """
        images, errors = np.empty((len(self), self.size, self.size, 3), dtype=np.uint8), {}
        for start in range(0, len(self), self.chunk):
            for row, made in self.make_chunk(start):
                if isinstance(made, UserError):
                    errors[row] = made
                else:
                    images[row] = made
        if errors:
            raise unreadable_error(errors[row] for row in sorted(errors))
        return PreparedSplit(images, self.table)
