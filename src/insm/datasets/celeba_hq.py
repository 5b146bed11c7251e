"""CelebA-HQ: 30,000 photographs of faces with ten of CelebA's attributes, read from CelebAMask-HQ's folder.

That release has its own attribute file, so no detour over the original ids of CelebA is needed.
"""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd

from insm.datasets.base import Dataset
from insm.datasets.photographs import choose, draft_photos, find
from insm.datasets.portraits import ATTRIBUTES, Portraits
from insm.errors import UserError
from insm.pack import Draft
from insm.sources import Limits, Source

PICTURES, ANNOTATIONS = "CelebA-HQ-img/", "CelebAMask-HQ-attribute-anno.txt"
ALL = 30_000  # ids 0 to 29,999
TEST, TEST_SEED = 300, 2020  # a draw over all ids, whatever the seed of the data


def read_attributes(path: Path, release: str = "CelebAMask-HQ") -> pd.DataFrame:
    """The ten bits (uint8) of every picture, by id in rising order.

    The file holds the number of pictures, the names of 40 attributes, then lines such as `7.jpg  -1 1 ...`.

    Raises:
        UserError: it is unreadable, truncated or another file.
    """
    try:
        head, names, *rows = (line.split() for line in path.read_text(errors="replace").splitlines() if line.strip())
        index = [int(row[0].removesuffix(".jpg")) for row in rows]
        signs = np.array([row[1:] for row in rows]).astype(int).reshape(-1, len(names))
        table = pd.DataFrame(signs == 1, index=index, columns=names)[list(ATTRIBUTES)].astype(np.uint8)
        if int(head[0]) != len(rows) or not table.index.is_unique or not (abs(signs) == 1).all():
            raise ValueError("rows missing, an id twice or another value")
    except (OSError, ValueError, KeyError):  # KeyError: an attribute is not among the names
        raise UserError(f"{path} is unreadable, truncated or no attribute file: put {release}'s there") from None
    return table.sort_index()


def split_ids(ids: np.ndarray) -> dict[str, np.ndarray]:
    """Ids in rising order -> those of each split, in rising order: 300 (at most a tenth) for the test, all else trains.

    Depends on the ids alone, so that studies with other counts or data seeds are tested on the same people. Those of
    the whole set are a list in git, the draw of seed 2020, so that no version of NumPy can change them.
    """
    if np.array_equal(ids, np.arange(ALL)):
        test = np.array(files("insm.datasets").joinpath("splits", "celeba_hq_test.txt").read_text().split(), dtype=int)
    else:
        test = np.random.default_rng(TEST_SEED).choice(ids, min(TEST, len(ids) // 10), replace=False)
    return {"train": np.setdiff1d(ids, test), "test": np.sort(test)}


class CelebaHq(Dataset):
    """Photographs of faces, ten attributes; 0.7 % of them have two hair colours, kept as published."""

    name = "celeba_hq"
    attributes = ATTRIBUTES
    exclusive = Portraits.exclusive
    groups = Portraits.groups
    paper_table = Portraits.paper_table
    combinations = Portraits.combinations
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
            wanted=(PICTURES, ANNOTATIONS),  # not the 372,767 masks
            limits=Limits(bytes=8 * 2**30),
        ),
    )
    licence = "non-commercial research and education only; not to be passed on"
    homepage = "https://github.com/switchablenorms/CelebAMask-HQ"
    citation = "Lee, Liu, Wu, Luo: MaskGAN: Towards Diverse and Interactive Facial Image Manipulation, CVPR 2020"
    published = {PICTURES.rstrip("/"): ALL}

    def draft(self, split: str, count: int, size: int, seed: int, source: Path | None) -> Draft:
        """The first `count` pictures of the split in a seeded order. The table holds the ten bits and `id`.

        Raises:
            UserError: `count` is too large, or files are missing.
        """
        pictures, annotations = find(source, self.name, "CelebAMask-HQ's folder", PICTURES, ANNOTATIONS)
        table = read_attributes(annotations)
        ids = split_ids(table.index.to_numpy())[split]
        ids = ids[choose(self.name, split, seed, len(ids), count)]
        paths = [pictures / f"{k}.jpg" for k in ids]
        return draft_photos(paths, table.loc[ids].reset_index(drop=True).assign(id=ids.astype(np.int32)), size)
