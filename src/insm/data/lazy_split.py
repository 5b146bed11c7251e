"""Preparing a split: images come in chunks and go straight to the disk, so that a split may be larger than memory."""

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from insm.data.prepared_split import PreparedSplit
from insm.support.errors import UserError
from insm.support.files import atomic
from insm.support.progress import Progress

NAMED = 10  # broken images that a message lists


CURE = "put the original files there again or set key data.skip_broken"


Broken = dict[int, UserError]  # row -> why it has no image


@dataclass(frozen=True)
class LazySplit:
    """A prepared split yet to be painted: images come in chunks, so that a prepared split may be larger than the memory.

    table  N rows
    size   width and height, pixels
    paint  rows -> for each, its image uint8 [S, S, 3] or the UserError that tells why it has none; called by several
           threads, and an image depends on its row alone
    chunk  rows painted at once
    order  which row is painted first, second, ... (then `paint` gets places in this order); None: as in the table
    """

    table: pd.DataFrame
    size: int
    paint: Callable[[slice], Sequence[np.ndarray | UserError]]
    chunk: int
    order: Sequence[int] | None = None

    @classmethod
    def of(cls, split: PreparedSplit) -> "LazySplit":
        """The draft of a prepared split that is there already."""
        return cls(split.table, split.size, lambda rows: split.images[rows], chunk=256)

    def __len__(self) -> int:
        return len(self.table)

    def work(self, put: Callable[[int, np.ndarray], None], workers: int = 1, doing: str = "packing") -> Broken:
        """Call put(row, image) for every image, from `workers` threads (Pillow and NumPy work side by side).

        `doing` is what the progress is called.
        """
        order = range(len(self)) if self.order is None else [int(row) for row in self.order]

        def paint(start: int) -> tuple[int, Broken]:
            stop, broken = min(start + self.chunk, len(self)), {}
            for row, painted in zip(order[start:stop], self.paint(slice(start, stop)), strict=True):
                if isinstance(painted, UserError):
                    broken[row] = painted
                else:
                    put(row, painted)
            return stop, broken

        progress, broken = Progress(doing, len(self)), {}
        # Closing the results, also after an error or Ctrl-C, cancels the chunks that no thread has begun.
        with (
            ThreadPoolExecutor(workers) as pool,
            closing(pool.map(paint, range(0, len(self), self.chunk))) as results,
        ):
            for done, bad in results:
                broken |= bad
                progress(done)
        return dict(sorted(broken.items()))

    def split(self) -> PreparedSplit:
        """Paint everything in memory.

        Raises:
            UserError: images are broken.
        """
        images = np.empty((len(self), self.size, self.size, 3), dtype=np.uint8)
        if broken := self.work(images.__setitem__):
            raise complaint(list(broken.values()))
        return PreparedSplit(images, self.table)


def reasons(errors: Iterable[UserError]) -> list[str]:
    """What is wrong with each broken image; both halves of a pair give the same reason, once."""
    return list(dict.fromkeys(map(str, errors)))


def complaint(
    errors: Sequence[UserError], cure: str = "put the original files there again", listed: str = ""
) -> UserError:
    """One error for all broken images: how many, the names of the first, where all are `listed`, the cure."""
    names = reasons(errors)
    if len(names) == 1:
        return UserError(f"{names[0]}: {cure}")
    more = f" and {len(names) - NAMED} more{f', all in {listed}' if listed else ''}" if len(names) > NAMED else ""
    return UserError(f"{len(names)} images are broken: {'; '.join(names[:NAMED])}{more}: {cure}")


def broken_list(images: Path) -> Path:
    """Beside a prepared split: the text file with a line for every broken image, there only if some are."""
    return images.with_suffix(".broken.txt")


def read_broken(images: Path) -> list[str]:
    """Why each image that is left out of a prepared split has no whole original."""
    path = broken_list(images)
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def without(table: pd.DataFrame, rows: Sequence[int]) -> pd.DataFrame:
    """The table without some rows, numbered anew, also in the column `pair`; a pair leaves together."""
    kept = np.ones(len(table), dtype=bool)
    kept[list(rows)] = False
    if "pair" in table:
        kept &= kept[table["pair"]]
        number = np.cumsum(kept, dtype=np.int32) - 1
        table = table.assign(pair=number[table["pair"]].astype(table["pair"].dtype))
    return table[kept]  # keeps its old index, which tells the rows that were kept


def save_split(draft: LazySplit | PreparedSplit, images: Path, table: Path, workers: int = 1, skip_broken: bool = False) -> None:
    """Write both files atomically; the table last, so that a killed run never looks complete.

    Images go straight to the disk; the bytes do not depend on `workers`. Broken images are all named in a file
    beside the prepared split (`broken_list`). With `skip_broken`, their rows are left out.

    Raises:
        UserError: images are broken (the first ten are named), none is left, or the disk is full.
    """
    draft = LazySplit.of(draft) if isinstance(draft, PreparedSplit) else draft
    shape = (len(draft), draft.size, draft.size, 3)
    with atomic(images) as part:
        canvas = np.lib.format.open_memmap(part, "w+", np.uint8, shape)
        if hasattr(os, "posix_fallocate"):  # else a full disk would kill the process when an image is painted
            with part.open("r+b") as stream:
                os.posix_fallocate(stream.fileno(), 0, part.stat().st_size)
        broken, rows = draft.work(canvas.__setitem__, workers), draft.table
        if not broken:
            broken_list(images).unlink(missing_ok=True)  # of an earlier run
        else:
            with atomic(broken_list(images)) as listing:
                listing.write_text("".join(f"{reason}\n" for reason in reasons(broken.values())), encoding="utf-8")
            rows = without(rows, list(broken))
            error = complaint(list(broken.values()), CURE, str(broken_list(images)))
            if not skip_broken or rows.empty:
                raise error
            print(f"left out {len(draft) - len(rows)} rows: {error}", file=sys.stderr)
            shrink(canvas, part, rows.index.to_numpy())
        canvas.flush()
    with atomic(table) as part:
        rows.reset_index(drop=True).to_parquet(part, index=False)


def shrink(canvas: np.memmap, path: Path, kept: np.ndarray) -> None:
    """Keep only some rows (numbers in rising order) of the array [N, ...] that is mapped from the .npy file `path`."""
    for new, old in enumerate(kept):
        canvas[new] = canvas[old]
    canvas.flush()
    header = {"descr": canvas.dtype.str, "fortran_order": False, "shape": (len(kept), *canvas.shape[1:])}
    with path.open("r+b") as stream:
        np.lib.format.write_array_header_1_0(stream, header)  # as long as the old one: NumPy leaves room for any N
        stream.truncate(canvas.offset + len(kept) * canvas[0].nbytes)
