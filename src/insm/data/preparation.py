"""Preparing a split: its images are made by several threads and written straight to the disk."""

import os
import sys
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from insm.data import checksums
from insm.data.lazy_split import LazySplit
from insm.data.prepared_split import PreparedSplit
from insm.data.raw_files import count_differences, lazy_split_of
from insm.data.settings import SplitConfig
from insm.data.split_lists import list_path, write_list
from insm.data.unreadable import CURE, reasons, summary, unreadable_error
from insm.support.errors import UserError
from insm.support.files import atomic
from insm.support.progress import Progress

Unreadable = dict[int, UserError]  # row -> why it has no image
Chunks = Generator[tuple[int, Unreadable], None, None]


def prepare_split(settings: SplitConfig, images: Path, table: Path, workers: int = 1) -> None:
    """Write the split that `settings` describe, and its SHA-256 checksums beside it (.sha256).

    What was left out, converted or assumed is told on stderr and written beside the split, for the data card.

    Raises:
        UserError: as `save_split`, or the raw files are not there.
    """
    for difference in count_differences(settings):
        print(f"note: {difference}", file=sys.stderr)
    save_split(lazy_split_of(settings), images, table, workers, settings.skip_unreadable)
    checksums.record(images, table)


def make_all(
    split: LazySplit, store: Callable[[int, np.ndarray], None], workers: int = 1, label: str = "preparing"
) -> Unreadable:
    """Call store(row, image) for every image, from `workers` threads -> the rows without an image.

    Pillow and NumPy release Python's lock, so threads work in parallel. `label` names the progress.
    """

    def make(start: int) -> tuple[int, Unreadable]:
        chunk = split.make_chunk(start)
        for row, made in chunk:
            if not isinstance(made, UserError):
                store(row, made)
        return start + len(chunk), {row: made for row, made in chunk if isinstance(made, UserError)}

    progress = Progress(label, len(split))
    unreadable: Unreadable = {}
    # Closing the results, also after an error or Ctrl-C, cancels the chunks that no thread has begun.
    with (
        ThreadPoolExecutor(workers) as pool,
        closing(cast(Chunks, pool.map(make, range(0, len(split), split.chunk)))) as results,
    ):
        for done, failed in results:
            unreadable |= failed
            progress(done)
    return dict(sorted(unreadable.items()))


def save_split(
    split: LazySplit | PreparedSplit, images: Path, table: Path, workers: int = 1, skip_unreadable: bool = False
) -> None:
    """Write both files atomically; the table last, so that a killed run never looks complete.

    The bytes do not depend on `workers`. All unreadable images and all notes are listed beside the split
    (`split_lists`); with `skip_unreadable` the rows of unreadable images are left out.

    Raises:
        UserError: images are unreadable (the first ten are named), none is left, or the disk is full.
    """
    split = LazySplit.of(split) if isinstance(split, PreparedSplit) else split
    with atomic(images) as part:
        array = np.lib.format.open_memmap(part, "w+", np.uint8, (len(split), split.size, split.size, 3))
        if hasattr(os, "posix_fallocate"):  # else a full disk would kill the process when an image is stored
            with part.open("r+b") as stream:
                os.posix_fallocate(stream.fileno(), 0, part.stat().st_size)
        unreadable, rows = make_all(split, array.__setitem__, workers), split.table
        write_list(images, "unreadable", reasons(unreadable.values()))
        if unreadable:
            rows = drop_rows(rows, list(unreadable))
            listed = str(list_path(images, "unreadable"))
            if not skip_unreadable or rows.empty:
                raise unreadable_error(unreadable.values(), CURE, listed)
            print(f"left out {len(split) - len(rows)} rows: {summary(unreadable.values(), listed)}", file=sys.stderr)
            keep_rows(array, part, rows.index.to_numpy())
        array.flush()
    notes = split.notes()
    write_list(images, "notes", notes)
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    with atomic(table) as part:
        rows.reset_index(drop=True).to_parquet(part, index=False)


def drop_rows(table: pd.DataFrame, rows: Sequence[int]) -> pd.DataFrame:
    """The table without some rows, numbered anew also in the column `pair`; partners are dropped together.

    The index still has the old row numbers.
    """
    kept = np.ones(len(table), dtype=bool)
    kept[list(rows)] = False
    if "pair" in table:
        kept &= kept[table["pair"]]
        number = np.cumsum(kept, dtype=np.int32) - 1
        table = table.assign(pair=number[table["pair"]].astype(table["pair"].dtype))
    return table[kept]


def keep_rows(array: np.memmap, path: Path, kept: np.ndarray) -> None:
    """Shrink the .npy file `path`, mapped as `array` [N, ...], to some rows (numbers in rising order)."""
    for new, old in enumerate(kept):
        array[new] = array[old]
    array.flush()
    header = {"descr": array.dtype.str, "fortran_order": False, "shape": (len(kept), *array.shape[1:])}
    with path.open("r+b") as stream:
        np.lib.format.write_array_header_1_0(stream, header)  # as long as the old one: NumPy leaves room for any N
        stream.truncate(array.offset + len(kept) * array[0].nbytes)
