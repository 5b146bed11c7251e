"""CelebA-HQ: 30,000 photographs of faces with CelebA's attributes, laid out in one of three ways (`faces.py`).

What is fetched is CelebAMask-HQ, which has its own attribute file: no detour over the ids of CelebA is needed.
"""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd

from insm.data.download.source import Limits, Source
from insm.data.lazy_split import LazySplit
from insm.datasets.photos.celeba_attributes import COMBINATIONS
from insm.datasets.photos.face_photographs import FacePhotographs
from insm.datasets.photos.faces import ANNOTATIONS, IMAGES, LAYOUTS, MAPPING
from insm.datasets.photos.files import draw_files
from insm.datasets.photos.layouts import find_layout
from insm.datasets.photos.notes import Notes
from insm.datasets.photos.photo_split import photo_split
from insm.support.errors import UserError

ALL = 30_000  # ids 0 to 29,999
TEST, TEST_SEED = 300, 2020  # a draw over all ids, whatever the seed of the data


def split_ids(ids: np.ndarray) -> dict[str, np.ndarray]:
    """Ids in rising order -> those of each split, in rising order: 300 (at most a tenth) for the test, all else trains.

    Depends on the ids alone, so that studies with other counts or data seeds are tested on the same people. Those of
    the whole set are a list in git, the draw of seed 2020, so that no version of NumPy can change them.
    """
    if np.array_equal(ids, np.arange(ALL)):
        test = np.array(
            files("insm.datasets").joinpath("splits", "celeba_hq_test.txt").read_text(encoding="utf-8").split(),
            dtype=int,
        )
    else:
        test = np.random.default_rng(TEST_SEED).choice(ids, min(TEST, len(ids) // 10), replace=False)
    return {"train": np.setdiff1d(ids, test), "test": np.sort(test)}


class CelebaHq(FacePhotographs):
    """Photographs of faces; 0.7 % of them have two hair colours, kept as published."""

    name = "celeba_hq"
    paper_table = "table1"
    combinations = COMBINATIONS
    folder = "CelebAMask-HQ"
    # The authors publish no checksum. MD5 and size are those that public loaders of their file on Google Drive verify
    # (docs/datasets.md). Drive answers with a page instead of the file when its quota is used up.
    sources = (
        Source(
            "CelebAMask-HQ.zip",
            urls=("https://drive.usercontent.google.com/download?id=1badu11NqxGf6qM3PTTooQDJvQbejgbTv&confirm=t",),
            checksum="md5:b08032b342a8e0cf84c273db2b52eef3",
            size=3_153_930_546,
            by_hand="download CelebAMask-HQ.zip in a browser from https://drive.google.com/open?id="
            "1badu11NqxGf6qM3PTTooQDJvQbejgbTv (the link on the homepage), put it there and run again",
            folder=folder,
            wanted=(IMAGES, ANNOTATIONS, MAPPING),  # not the 372,767 masks
            limits=Limits(bytes=8 * 2**30),
        ),
    )
    licence = "non-commercial research and education only; not to be passed on"
    homepage = "https://github.com/switchablenorms/CelebAMask-HQ"
    citation = "Lee, Liu, Wu, Luo: MaskGAN: Towards Diverse and Interactive Facial Image Manipulation, CVPR 2020"
    published = {IMAGES.rstrip("/"): ALL}

    def images(self, source: Path | None, notes: Notes) -> pd.DataFrame:
        """All that a folder holds, by index in CelebA-HQ, in the order of its storage: the attributes and `image`."""
        place = source or Path("data/raw", self.name)
        return LAYOUTS[find_layout(place, LAYOUTS)].read(place, self.attributes, notes)

    def count_raw_images(self, source: Path) -> dict[str, int]:
        """The number of images that are there, in any layout; nothing where the raw files are not here."""
        (name,) = self.published
        try:
            return {name: sum(image.is_file() for image in self.images(source, Notes())["image"])}
        except UserError:
            return {}

    def lazy_split(self, split: str, count: int, size: int, seed: int, source: Path | None) -> LazySplit:
        """The first `count` images of the split in a seeded order. The table holds the attributes and `id`.

        The split is the same in every layout: it depends on ids, labels and images alone.

        Raises:
            UserError: the folder is laid out in another way, `count` is too large, or files are missing.
        """
        notes = Notes()
        faces = self.images(source, notes)
        ids = split_ids(np.sort(faces.index.to_numpy()))[split]
        ids = ids[draw_files(self.name, split, seed, len(ids), count)]
        stored = faces.index.get_indexer(ids)
        chosen = faces.iloc[stored]
        table = chosen[list(self.attributes)].reset_index(drop=True).assign(id=ids.astype(np.int32))
        return photo_split(chosen["image"].tolist(), table, size, order=np.argsort(stored), notes=notes)
