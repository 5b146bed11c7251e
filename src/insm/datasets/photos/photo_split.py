"""Splits of photographs: image files and a table, decoded chunk by chunk."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from insm.data.dataset import Dataset
from insm.data.lazy_split import LazySplit
from insm.data.unreadable import unreadable_error
from insm.datasets.photos.decoding import ENLARGED, ImageFile, halves, open_rgb, square
from insm.datasets.photos.files import image_files
from insm.datasets.photos.notes import Notes
from insm.support.errors import UserError

CHUNK = 8  # rows decoded at once, an even number: small, so that no core waits at the end


class Photographs(Dataset):
    """A dataset of published photographs, which can be counted."""

    def count_raw_images(self, source: Path) -> dict[str, int]:
        return {name: len(image_files(source / name)) for name in self.published if (source / name).is_dir()}


def photo_split(
    images: Sequence[ImageFile],
    table: pd.DataFrame,
    size: int,
    pairs: bool = False,
    order: Sequence[int] | np.ndarray | None = None,
    notes: Notes | None = None,
) -> LazySplit:
    """The split of N images and their table; with `pairs`, rows 2k and 2k + 1 are the left and right half of file k.

    Args:
        order: which row is decoded first, second, ... (not for pairs): that of the images' storage.
        notes: what has been told of the files already; what decoding adds goes there too.

    Raises:
        UserError: files are missing. That is told before the long work begins; unreadable ones are told after it.
    """
    if missing := [UserError(f"{image} is missing or no file") for image in images if not image.is_file()]:
        raise unreadable_error(missing)
    notes, each = notes or Notes(), 2 if pairs else 1
    in_order = images if order is None else [images[k] for k in order]

    def attempt(file: ImageFile) -> tuple[np.ndarray | UserError, ...]:
        try:
            if pairs:
                *parts, remarks = halves(file)
            else:
                *parts, remarks = open_rgb(file)
        except UserError as error:
            return (error,) * each
        small = min(parts[0].size) < size
        for remark in (*remarks, *([ENLARGED] if small else [])):
            notes.add(remark, [str(file)])
        return tuple(square(part, size) for part in parts)

    def make_images(rows: slice) -> list[np.ndarray | UserError]:
        return [image for file in in_order[rows.start // each : rows.stop // each] for image in attempt(file)]

    return LazySplit(table, size, make_images, CHUNK, order, notes.lines)
