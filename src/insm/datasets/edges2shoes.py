"""Edges2shoes: pix2pix's photographs of shoes beside their edge maps (HED); 49,825 pairs train, 200 test (its val)."""

from pathlib import Path

import numpy as np

from insm.datasets.base import SPLITS, pairs
from insm.datasets.photographs import Photographs, choose, draft_photos, find, photos_in
from insm.errors import UserError
from insm.pack import Draft
from insm.sources import Limits, Source

FOLDERS = ("train/", "val/")  # in the order of SPLITS


class Edges2Shoes(Photographs):
    """Shoes: photo or edge map."""

    name = "edges2shoes"
    attributes = ("Photo",)
    groups = {"Domain": ("Photo",)}
    paired = True
    paper_table = "table2b"
    folder = "edges2shoes"
    # Neither pix2pix nor a large library publishes a checksum; this MD5 is the one that the public loader
    # github.com/TheProjectsGuy/MLHub verifies. No size is published.
    sources = (
        Source(
            "edges2shoes.tar.gz",
            urls=(
                "https://efrosgans.eecs.berkeley.edu/pix2pix/datasets/edges2shoes.tar.gz",
                "http://efrosgans.eecs.berkeley.edu/pix2pix/datasets/edges2shoes.tar.gz",
                "https://people.eecs.berkeley.edu/~tinghuiz/projects/pix2pix/datasets/edges2shoes.tar.gz",
            ),
            checksum="md5:71da478b54fedde126e234a2a050bc15",
            folder=folder,
            limits=Limits(files=60_000, bytes=8 * 2**30),
        ),
    )
    licence = "academic, non-commercial use only (UT Zappos50K)"
    homepage = "https://phillipi.github.io/pix2pix/"
    citation = "Isola, Zhu, Zhou, Efros: Image-to-Image Translation with Conditional Adversarial Networks, CVPR 2017"
    published = {"train": 49_825, "val": 200}

    def draft(self, split: str, count: int, size: int, seed: int, source: Path | None) -> Draft:
        """The first count / 2 shoes of the split in a seeded order: row 2k is the edge map of the photo in row 2k + 1.

        The table holds `Photo`, `pair` (the partner's row) and `file` (below the dataset's folder).

        Raises:
            UserError: `count` is odd or too large, or files are missing.
        """
        if count % 2:
            raise UserError(f"edges2shoes comes in pairs: key data.{split} must be even, not {count}")
        folder = find(source, self.name, "pix2pix's edges2shoes", *FOLDERS)[SPLITS.index(split)]
        paths, published = photos_in(folder), 2 * self.published[folder.name]
        chosen = [paths[k] for k in choose(self.name, split, seed, len(paths), count, 2, published)]
        table = pairs("Photo", count)
        files = np.repeat([path.relative_to(source).as_posix() for path in chosen], 2)
        return draft_photos(chosen, table.assign(file=files), size, pairs=True)
