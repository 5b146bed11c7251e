"""CelebA: 202,599 aligned photographs of faces (178 x 218) with some of its 40 attributes, in the official partition.

Images are cropped to their central 178 x 178 pixels. The 19,867 of the official validation part are not used.
Kaggle's copy, with tables as .csv and images one folder deeper, is read too.
"""

from pathlib import Path

import numpy as np

from insm.data.dataset import SPLITS
from insm.data.download.source import Limits, Source
from insm.data.lazy_split import LazySplit
from insm.datasets.photos.face_photographs import FacePhotographs
from insm.datasets.photos.faces import read_attributes
from insm.datasets.photos.files import draw_files, image_files, published_ranges, required_paths
from insm.datasets.photos.label_tables import read_rows
from insm.datasets.photos.notes import Notes
from insm.datasets.photos.photo_split import photo_split
from insm.support.errors import UserError

IMAGES, ANNOTATIONS, PARTITION = "img_align_celeba/", "list_attr_celeba.txt", "list_eval_partition.txt"
PARTS = ("0", "2")  # the partition's numbers, in the order of SPLITS; 1 is validation
OFFICIAL = published_ranges("celeba")  # parts 0, 1 and 2: their ids
ALL = sum(map(len, OFFICIAL.values()))

DRIVE = "https://drive.usercontent.google.com/download?confirm=t&id="
BY_HAND = (
    "download it in a browser from the Google Drive on https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html "
    "({place}), put it there and run again"
)


def stored_name(place: Path | None, name: str) -> str:
    """What a file or folder is called in a folder: as published, or as in Kaggle's copy where that is there."""
    other = f"{name}{name}" if name.endswith("/") else f"{name.removesuffix('.txt')}.csv"
    return other if place and (place / other).exists() and not (place / name).is_file() else name


def read_partition(path: Path, notes: Notes) -> dict[str, np.ndarray]:
    """The ids of each split in rising order, from lines such as `000001.jpg 0`, or the same as .csv below a header.

    Raises:
        UserError: it is unreadable or another file, such as one that divides all 202,599 images in another way.
    """
    try:
        if path.suffix == ".csv":
            rows = read_rows(path, notes).iloc[:, :2].to_numpy().tolist()
        else:
            text = path.read_text(encoding="utf-8", errors="replace")
            rows = [line.split() for line in text.splitlines() if line.strip()]
        parts = {int(name.removesuffix(".jpg")): part for name, part in rows}
        if len(parts) < len(rows) or not set(PARTS) <= set(parts.values()) <= {"0", "1", "2"}:
            raise ValueError("an id twice, or another part")
    except (OSError, ValueError):
        raise UserError(f"{path} is unreadable, truncated or no partition file: put CelebA's there") from None
    if len(parts) == ALL and parts != {k: str(part) for part, ids in enumerate(OFFICIAL.values()) for k in ids}:
        raise UserError(f"{path} divides all {ALL:,} images otherwise than published: put CelebA's there")
    if validation := [f"{k:06}.jpg" for k, part in parts.items() if part == "1"]:
        notes.add("left out, the validation part", validation)
    return {
        split: np.array(sorted(k for k in parts if parts[k] == part)) for split, part in zip(SPLITS, PARTS, strict=True)
    }


class Celeba(FacePhotographs):
    """Photographs of faces; some have two hair colours, kept as published."""

    name = "celeba"
    # Sizes and SHA-256 as tensorflow_datasets records them (datasets/celeb_a/checksums.tsv). The second mirror of the
    # images is a course's copy, identified by the MD5 that torchvision has for the original.
    sources = (
        Source(
            "img_align_celeba.zip",
            urls=(
                DRIVE + "0B7EVK8r0v71pZjFTYXZWM3FlRnM",
                "https://s3-us-west-1.amazonaws.com/udacity-dlnfd/datasets/celeba.zip",
            ),
            checksum="sha256:46fb89443c578308acf364d7d379fe1b9efb793042c0af734b6112e4fd3a8c74",
            size=1_443_490_838,
            by_hand=BY_HAND.format(place="Img/img_align_celeba.zip"),
            folder="img_align_celeba",
            limits=Limits(files=250_000, bytes=4 * 2**30),
        ),
        Source(
            ANNOTATIONS,
            urls=(DRIVE + "0B7EVK8r0v71pblRyaVFSWGxPY0U",),
            checksum="sha256:f0e5da289d5ccf75ffe8811132694922b60f2af59256ed362afa03fefba324d0",
            size=26_721_026,
            by_hand=BY_HAND.format(place="Anno/list_attr_celeba.txt"),
        ),
        Source(
            PARTITION,
            urls=(DRIVE + "0B7EVK8r0v71pY0NSMzRuSXJEVkk",),
            checksum="sha256:fc955bcb3ef8fbdf7d5640d9a8693a8431b5f2ee291a5c1449a1549e7e073fe7",
            size=2_836_386,
            by_hand=BY_HAND.format(place="Eval/list_eval_partition.txt"),
        ),
    )
    licence = "non-commercial research only; not to be passed on"
    homepage = "https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html"
    citation = "Liu, Luo, Wang, Tang: Deep Learning Face Attributes in the Wild, ICCV 2015"
    published = {IMAGES.rstrip("/"): ALL}

    def count_raw_images(self, source: Path) -> dict[str, int]:
        folder = source / stored_name(source, IMAGES)
        return {IMAGES.rstrip("/"): len(image_files(folder))} if folder.is_dir() else {}

    def lazy_split(self, split: str, count: int, size: int, seed: int, source: Path | None) -> LazySplit:
        """The first `count` images of the split in a seeded order. The table holds the attributes and `id`.

        Raises:
            UserError: `count` is too large, or files are missing or broken.
        """
        notes, names = Notes(), [stored_name(source, name) for name in (IMAGES, ANNOTATIONS, PARTITION)]
        images, annotations, partition = required_paths(source, self.name, "CelebA's aligned images", *names)
        ids = read_partition(partition, notes)[split]
        table = read_attributes(annotations, "CelebA", self.attributes, notes)
        if not np.isin(ids, table.index).all():
            raise UserError(f"{annotations} lacks images that {partition.name} names: put CelebA's there")
        ids = ids[draw_files(self.name, split, seed, len(ids), count)]
        table = table.loc[ids].reset_index(drop=True).assign(id=ids.astype(np.int32))
        return photo_split([images / f"{k:06}.jpg" for k in ids], table, size, notes=notes)
