"""Folder: images of your own. The dataset is called `folder:<attributes>` or `folder:<layout>:<attributes>`.

`folder:Smiling,Male` reads two columns of a table, or two attributes of other layouts (`insm/datasets/layouts.py`);
`folder:pairs:Photo` has true pairs. Names are part of the dataset's own, so every job knows the attributes without the files.
"""

import re
from pathlib import Path

import numpy as np

from insm.data.dataset import Dataset, pair_columns
from insm.data.lazy_split import LazySplit
from insm.datasets.photos.layouts import LAYOUTS, find_layout
from insm.datasets.photos.reading import draw_files, photo_split
from insm.support.errors import UserError, suggest

RESERVED = ("file", "split", "pair")  # columns of tables


class Folder(Dataset):
    """Any images with attributes of your own."""

    name = "folder"
    attributes = ()

    def __init__(self, choice: str = ""):
        layout, _, names = choice.rpartition(":")
        self.layout, self.attributes = layout, tuple(names.split(",")) if names else ()
        if layout not in ("", *LAYOUTS):
            raise UserError(f"no layout {layout!r}: choose from {', '.join(LAYOUTS)}{suggest(layout, list(LAYOUTS))}")
        for name in self.attributes:
            if not re.fullmatch(r"[\w.-]+", name) or name in RESERVED or self.attributes.count(name) > 1:
                raise UserError(f"attribute {name!r} of folder: use letters, digits, _ . - (not {', '.join(RESERVED)})")
        if layout in ("unpaired", "pairs") and len(self.attributes) != 1:
            raise UserError(f"layout {layout!r} of folder has two domains: name one attribute")
        self.groups = {name: (name,) for name in self.attributes}
        self.paired = layout == "pairs"
        self.exclusive = (self.attributes,) if layout == "domains" and len(self.attributes) > 1 else ()

    def lazy_split(self, split: str, count: int, size: int, seed: int, source: Path | None) -> LazySplit:
        """The first `count` images of the split in a seeded order; of pairs, row 2k is left of row 2k + 1.

        The table holds the attributes, `file` (below the folder) and, for pairs, `pair` (the partner's row).

        Raises:
            UserError: the folder is laid out in no known way, `count` is too large, or files are missing.
        """
        place = source or Path("data/raw", self.name)
        layout = find_layout(place, LAYOUTS, self.layout)
        ambiguous = layout == "pairs" or (layout in ("unpaired", "domains") and len(self.attributes) > 1)
        if (
            not self.layout and ambiguous
        ):  # what these layouts say of the attributes has to be known before the files are
            names = ",".join(self.attributes if layout == "domains" else self.attributes[:1])
            raise UserError(f"{place} holds {LAYOUTS[layout][0]}: name the layout, `folder:{layout}:{names}`")
        table = LAYOUTS[layout][2](place, self.attributes)
        table = table[table["split"] == split].drop(columns="split")
        each = 2 if self.paired else 1
        if count % each:
            raise UserError(f"{place} holds pairs: key data.{split} must be even, not {count}")
        chosen = draw_files(self.name, split, seed, len(table), count, each)
        table = table.iloc[np.repeat(chosen, each)].reset_index(drop=True)
        paths = [place / file for file in table["file"][::each]]
        if self.paired:
            table = pair_columns(self.attributes[0], len(table)).assign(file=table["file"].to_numpy())
        return photo_split(paths, table, size, self.paired)
