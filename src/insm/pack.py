"""Packs: one split of a dataset as a memory-mapped uint8 array beside a parquet table.

`<stem>.npy` holds pictures [N, S, S, 3]; `<stem>.parquet` holds one row a picture: attribute bits and parameters.
"""

import os
import sys
import zipfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from insm import sums
from insm.errors import UserError
from insm.files import atomic
from insm.progress import Progress

NAMED = 10  # broken pictures that a message lists
CURE = "put the original files there again or set key data.skip_broken"
Broken = dict[int, UserError]  # row -> why it has no picture


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


@dataclass(frozen=True)
class Draft:
    """A pack yet to be painted: pictures come in chunks, so that a pack may be larger than the memory.

    table  N rows
    size   width and height, pixels
    paint  rows -> for each, its picture uint8 [S, S, 3] or the UserError that tells why it has none; called by several
           threads, and a picture depends on its row alone
    chunk  rows painted at once
    order  which row is painted first, second, ... (then `paint` gets places in this order); None: as in the table
    """

    table: pd.DataFrame
    size: int
    paint: Callable[[slice], Sequence[np.ndarray | UserError]]
    chunk: int
    order: Sequence[int] | None = None

    @classmethod
    def of(cls, pack: Pack) -> "Draft":
        """The draft of a pack that is there already."""
        return cls(pack.table, pack.size, lambda rows: pack.images[rows], chunk=256)

    def __len__(self) -> int:
        return len(self.table)

    def work(self, put: Callable[[int, np.ndarray], None], workers: int = 1, doing: str = "packing") -> Broken:
        """Call put(row, picture) for every picture, from `workers` threads (Pillow and NumPy work side by side).

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

    def pack(self) -> Pack:
        """Paint everything in memory.

        Raises:
            UserError: pictures are broken.
        """
        images = np.empty((len(self), self.size, self.size, 3), dtype=np.uint8)
        if broken := self.work(images.__setitem__):
            raise complaint(list(broken.values()))
        return Pack(images, self.table)


def reasons(errors: Iterable[UserError]) -> list[str]:
    """What is wrong with each broken picture; both halves of a pair give the same reason, once."""
    return list(dict.fromkeys(map(str, errors)))


def complaint(
    errors: Sequence[UserError], cure: str = "put the original files there again", listed: str = ""
) -> UserError:
    """One error for all broken pictures: how many, the names of the first, where all are `listed`, the cure."""
    names = reasons(errors)
    if len(names) == 1:
        return UserError(f"{names[0]}: {cure}")
    more = f" and {len(names) - NAMED} more{f', all in {listed}' if listed else ''}" if len(names) > NAMED else ""
    return UserError(f"{len(names)} pictures are broken: {'; '.join(names[:NAMED])}{more}: {cure}")


def broken_list(images: Path) -> Path:
    """Beside a pack: the text file with a line for every broken picture, there only if some are."""
    return images.with_suffix(".broken.txt")


def read_broken(images: Path) -> list[str]:
    """Why each picture that is left out of a pack has no whole original."""
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


def save(draft: Draft | Pack, images: Path, table: Path, workers: int = 1, skip_broken: bool = False) -> None:
    """Write both files atomically; the table last, so that a killed run never looks complete.

    Pictures go straight to the disk; the bytes do not depend on `workers`. Broken pictures are all named in a file
    beside the pack (`broken_list`). With `skip_broken`, their rows are left out.

    Raises:
        UserError: pictures are broken (the first ten are named), none is left, or the disk is full.
    """
    draft = Draft.of(draft) if isinstance(draft, Pack) else draft
    shape = (len(draft), draft.size, draft.size, 3)
    with atomic(images) as part:
        canvas = np.lib.format.open_memmap(part, "w+", np.uint8, shape)
        if hasattr(os, "posix_fallocate"):  # else a full disk would kill the process when a picture is painted
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


def load(images: Path) -> Pack:
    """Open `<stem>.npy` memory-mapped with the table beside it, once both have the bytes that their sums tell.

    Raises:
        UserError: a file is missing, has other bytes or another shape, or the two do not belong together.
    """
    table = images.with_suffix(".parquet")
    for path in (images, table):
        if not path.exists():
            raise UserError(f"{path} is missing: run `snakemake {path}` (or `dvc pull`)")
    sums.verify(images)
    pictures = load_array(images)
    try:
        rows = pd.read_parquet(table)
    except Exception as error:  # pyarrow raises many kinds for a broken file
        raise UserError(f"{table} is no readable parquet table ({error}): delete it and run again") from None
    try:
        return Pack(pictures, rows, str(images))
    except UserError as error:
        raise UserError(f"{images}: {error}") from None


def save_array(array: np.ndarray | None, path: Path) -> None:
    """Write a .npy file atomically; an empty one for None."""
    with atomic(path) as part, part.open("wb") as stream:
        np.save(stream, np.empty(0, dtype=np.uint8) if array is None else array)


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
