"""Edges2shoes: pix2pix's photographs of shoes beside their edge maps (HED); 49,825 pairs train, 200 test (its val)."""

from pathlib import Path

import numpy as np
import pandas as pd

from insm.datasets.base import SPLITS, Dataset
from insm.datasets.photographs import choose, find, load_photos, photos_in
from insm.errors import UserError
from insm.pack import Pack

FOLDERS = ("train/", "val/")  # in the order of SPLITS


class Edges2Shoes(Dataset):
    """Shoes: photo or edge map."""

    name = "edges2shoes"
    attributes = ("Photo",)
    groups = {"Domain": ("Photo",)}
    paired = True
    paper_table = "table2b"

    def build(self, split: str, count: int, size: int, seed: int, source: Path | None) -> Pack:
        """The first count / 2 shoes of the split in a seeded order: row 2k is the edge map of the photo in row 2k + 1.

        The table holds `Photo`, `pair` (the partner's row) and `file` (below the dataset's folder).

        Raises:
            UserError: `count` is odd or too large, or files are missing or broken.
        """
        if count % 2:
            raise UserError(f"edges2shoes comes in pairs: key data.{split} must be even, not {count}")
        folders = find(source, self.name, "pix2pix's edges2shoes", *FOLDERS)
        paths = photos_in(folders[SPLITS.index(split)])
        chosen = [paths[k] for k in choose(self.name, split, seed, len(paths), count, each=2)]
        rows = np.arange(count)
        table = pd.DataFrame({"Photo": (rows % 2).astype(np.uint8), "pair": (rows ^ 1).astype(np.int32)})
        files = np.repeat([path.relative_to(source).as_posix() for path in chosen], 2)
        return Pack(load_photos(chosen, size, pairs=True), table.assign(file=files))
