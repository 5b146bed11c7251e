"""Made-up archives with the structure, names and counts of CelebAMask-HQ, summer2winter_yosemite and edges2shoes."""

import io
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from insm.datasets.celeba_hq import ALL as FACES
from insm.datasets.celeba_hq import ANNOTATIONS, IMAGES, TEST
from insm.datasets.edges2shoes import Edges2Shoes
from insm.datasets.photos.celeba_attributes import ALL_ATTRIBUTES
from insm.datasets.yosemite import Yosemite

SIDE = 72  # pixels of an image
MASKS = 372_767
PARTS = "skin nose eye_g l_eye r_eye l_brow r_brow l_ear r_ear mouth u_lip l_lip hair"


class Made(NamedTuple):
    """One archive yet to be written: names below its folder with their contents, and images of each split."""

    entries: Iterator[tuple[str, bytes]]
    train: int
    test: int


def encoded(image: Image.Image, kind: str) -> bytes:
    """The image as a file of that kind."""
    stream = io.BytesIO()
    image.save(stream, kind, quality=90)
    return stream.getvalue()


def image(number: int, width: int = 1) -> bytes:
    """A blurred random JPEG image, `width` squares wide; equal numbers give equal images."""
    rng = np.random.default_rng(number)
    coarse = Image.fromarray(rng.integers(0, 256, (6, 6 * width, 3), dtype=np.uint8))
    return encoded(coarse.resize((SIDE * width, SIDE), Image.Resampling.BICUBIC), "JPEG")


def faces(scale: float) -> Made:
    """CelebAMask-HQ: images, the file of 40 attributes, and masks in folders of 2,000 people."""
    count, names, parts = max(40, round(FACES * scale)), ALL_ATTRIBUTES, PARTS.split()
    test = min(TEST, count // 10)

    def entries():
        labels = np.where(np.random.default_rng(0).random((count, len(names))) < 0.4, 1, -1)
        lines = [f"{k}.jpg  {' '.join(map(str, row))}" for k, row in enumerate(labels)]
        yield ANNOTATIONS, "\n".join([str(count), " ".join(names), *lines, ""]).encode()
        for k in range(count):
            yield f"{IMAGES}{k}.jpg", image(k)
        mask = encoded(Image.new("L", (8, 8)), "PNG")
        for k in range(round(MASKS * scale)):
            person, part = divmod(k, len(parts))
            yield f"CelebAMask-HQ-mask-anno/{person // 2000}/{person:05}_{parts[part]}.png", mask

    return Made(entries(), count - test, test)


def folders(published: dict[str, int], scale: float, name: Callable[[int], str], width: int = 1) -> Made:
    """The published folders of images, `width` squares each; `name` tells that of the k-th file in a folder."""
    counts = {folder: max(8, round(count * scale)) for folder, count in published.items()}

    def entries():
        for first, (folder, count) in enumerate(counts.items(), start=1):
            for k in range(count):
                yield f"{folder}/{name(k)}.jpg", image(1_000_000 * first + k, width)

    train = width * sum(count for folder, count in counts.items() if folder.startswith("train"))
    return Made(entries(), train, width * sum(counts.values()) - train)


def time_name(k: int) -> str:
    """A time, as the images of Yosemite are named: 2010-09-07 12:23:20."""
    return str(datetime(2010, 9, 7, 12, 23, 20) + timedelta(minutes=k))


ARCHIVES: dict[str, Callable[[float], Made]] = {
    "celeba_hq": faces,
    "yosemite": lambda scale: folders(Yosemite.published, scale, time_name),
    "edges2shoes": lambda scale: folders(Edges2Shoes.published, scale, lambda k: f"{k + 1}_AB", width=2),
}


def write(archive: Path, folder: str, entries: Iterator[tuple[str, bytes]]) -> None:
    """Write entries below one top-level folder, as .zip or .tar.gz."""
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive, "w") as file:
            file.mkdir(folder)
            for name, content in entries:
                file.writestr(f"{folder}/{name}", content)
        return
    with tarfile.open(archive, "w:gz", compresslevel=1) as file:
        top = tarfile.TarInfo(folder)
        top.type = tarfile.DIRTYPE
        file.addfile(top)
        for name, content in entries:
            info = tarfile.TarInfo(f"{folder}/{name}")
            info.size = len(content)
            file.addfile(info, io.BytesIO(content))
