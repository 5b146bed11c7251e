"""Edges2shoes: pix2pix's photographs of shoes beside their edge maps (HED); 49,825 pairs train, 200 test (its val)."""

from pathlib import Path

import numpy as np

from insm.data.dataset import SPLITS, pair_columns
from insm.data.download.source import Limits, Source
from insm.data.lazy_split import LazySplit
from insm.datasets.photos.files import draw_files, image_files, published_ranges, required_paths
from insm.datasets.photos.notes import Notes
from insm.datasets.photos.photo_split import Photographs, photo_split
from insm.support.errors import UserError

FOLDERS = ("train/", "val/")  # in the order of SPLITS
RANGES = published_ranges("edges2shoes")  # folder -> k of its files `<k>_AB.jpg`


def shoes_in(folder: Path, notes: Notes) -> list[Path]:
    """The images of train or val, by name.

    Raises:
        UserError: there are as many as published, but others.
    """
    paths = image_files(folder, notes)
    others = {path.name for path in paths} - {f"{k}_AB.jpg" for k in RANGES[folder.name]}
    if others and len(paths) == len(RANGES[folder.name]):
        raise UserError(
            f"{folder} has the published number of images, but {min(others)} is none of them "
            f"(1_AB.jpg to {len(paths)}_AB.jpg): put pix2pix's there"
        )
    return paths


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
    published = {folder: len(numbers) for folder, numbers in RANGES.items()}

    def lazy_split(self, split: str, count: int, size: int, seed: int, source: Path | None) -> LazySplit:
        """The first count / 2 shoes of the split in a seeded order: row 2k is the edge map of the photo in row 2k + 1.

        The table holds `Photo`, `pair` (the partner's row) and `file` (below the dataset's folder).

        Raises:
            UserError: `count` is odd or too large, or files are missing.
        """
        if count % 2:
            raise UserError(f"edges2shoes comes in pairs: key data.{split} must be even, not {count}")
        notes = Notes()
        folder = required_paths(source, self.name, "pix2pix's edges2shoes", *FOLDERS)[SPLITS.index(split)]
        paths, published = shoes_in(folder, notes), 2 * self.published[folder.name]
        chosen = [paths[k] for k in draw_files(self.name, split, seed, len(paths), count, 2, published)]
        table = pair_columns("Photo", count)
        files = np.repeat([path.relative_to(source).as_posix() for path in chosen], 2)
        return photo_split(chosen, table.assign(file=files), size, pairs=True, notes=notes)
