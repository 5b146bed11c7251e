"""Folder: images of your own. The dataset is called `folder:<attributes>` or `folder:<layout>:<attributes>`.

`folder:Smiling,Male` reads two columns of a table, or two attributes of other layouts (`photos/layouts.py`);
`folder:pairs:Photo` has true pairs. Attributes are part of the name, so every job knows them without the files.
"""

import re
from pathlib import Path

import numpy as np

from insm.data.dataset import Dataset, pair_columns
from insm.data.lazy_split import LazySplit
from insm.datasets.photos.files import draw_files
from insm.datasets.photos.layouts import LAYOUTS, find_layout
from insm.datasets.photos.notes import Notes
from insm.datasets.photos.photo_split import photo_split
from insm.support.errors import UserError, suggest

RESERVED = ("file", "split", "pair")  # columns of tables


class Folder(Dataset):
    """Any images with attributes of your own."""

    name = "folder"

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
        self.exclusive = self.exactly_one = (
            (self.attributes,) if layout == "domains" and len(self.attributes) > 1 else ()
        )

    def lazy_split(self, split: str, count: int, size: int, seed: int, source: Path | None) -> LazySplit:
        """The first `count` images of the split in a seeded order; of pairs, row 2k is left of row 2k + 1.

        The table holds the attributes, `file` (below the folder) and, for pairs, `pair` (the partner's row).

        Raises:
            UserError: the folder is laid out in another way, `count` is too large, or files are missing.
        """
        place, notes = source or Path("data/raw", self.name), Notes()
        layout = find_layout(place, LAYOUTS, self.layout)
        ambiguous = layout == "pairs" or (layout in ("unpaired", "domains") and len(self.attributes) > 1)
        if not self.layout and ambiguous:  # a study is checked, and its labels are known, before its images are read
            names = ",".join(self.attributes if layout == "domains" else self.attributes[:1])
            raise UserError(f"{place} holds {LAYOUTS[layout].expected}: name the layout, `folder:{layout}:{names}`")
        table = LAYOUTS[layout].read(place, self.attributes, notes)
        sizes = table["split"].value_counts()
        about = f"{place} ({sizes.get('train', 0)} files for training, {sizes.get('test', 0)} for the test)"
        table = table[table["split"] == split].drop(columns="split")
        each = 2 if self.paired else 1
        if count % each:
            raise UserError(f"{place} holds pairs: key data.{split} must be even, not {count}")
        chosen = draw_files(about, split, seed, len(table), count, each)
        table = table.iloc[np.repeat(chosen, each)].reset_index(drop=True)
        paths = [place / file for file in table["file"][::each]]
        if self.paired:
            table = pair_columns(self.attributes[0], len(table)).assign(file=table["file"].to_numpy())
        return photo_split(paths, table, size, self.paired, notes=notes)
