"""Fashion: the real shoe photographs of Fashion-MNIST (sandals, sneakers, ankle boots) and their edge maps.

The small natural stand-in for edges2shoes: 21,000 grey images, 28 x 28, padded to 32 x 32 and put on white.
"""

import gzip
import zlib
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd

from insm.data.dataset import SPLITS, Dataset, pair_columns
from insm.data.download.source import Source
from insm.data.lazy_split import LazySplit
from insm.datasets.drawing.edges import edge_maps
from insm.support.errors import UserError

KINDS = {5: "sandal", 7: "sneaker", 9: "ankle boot"}  # label -> kind
SIZE, MARGIN = 32, 2  # pixels
CHUNK = 256  # rows made at once, an even number
FILES = {"train": "train", "test": "t10k"}  # split -> first part of the names of its files

# SHA-256 of each file's content. Debian compresses the files again, without name and time, so the MD5s of the published
# .gz files (torchvision's FashionMNIST.resources) differ; with the original gzip headers Debian's files match them.
SHA256 = {
    "train-images-idx3-ubyte.gz": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte.gz": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte.gz": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte.gz": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}
PACKAGE = "dataset-fashion-mnist"
DEBIAN = Path("/usr/share/datasets/fashion-mnist")  # where PACKAGE puts the files
VARIABLE = "INSM_FASHION_MNIST"  # environment variable that names another folder with the files
MIRRORS = (
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
)


def cure(folder: Path | None) -> str:
    """The ways to get the files, for messages."""
    place = folder or "the dataset's folder"
    return (
        f"install the Debian package `{PACKAGE}`, or set {VARIABLE} to a folder that holds the four files, "
        f"or put them into {place}; then run again"
    )


def load(path: Path) -> bytes:
    """The compressed file.

    Raises:
        UserError: it is missing or unreadable.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"cannot read {path} ({error.strerror}): {cure(path.parent)}") from None


def decompress(packed: bytes, path: Path) -> bytes:
    """Gunzip one of the four files and verify it.

    Raises:
        UserError: it is truncated, no gzip file or not the published one.
    """
    try:
        content = gzip.decompress(packed)
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path} is truncated or no gzip file ({error}): put the published file there") from None
    if sha256(content).hexdigest() != SHA256[path.name]:
        raise UserError(f"{path} has the wrong SHA-256 checksum: put the published file there")
    return content


def parse(content: bytes, path: Path) -> np.ndarray:
    """Idx file (two zeros, type 8 = uint8, rank, big-endian sizes, data) -> uint8 array of that shape.

    Raises:
        UserError: it has another type, or more or less data than its sizes say.
    """
    rank = content[3] if content[:3] == b"\0\0\x08" and len(content) > 3 else 0
    start = 4 + 4 * rank
    if not rank or len(content) < start:
        raise UserError(f"{path} is no idx file of unsigned bytes: put the published file there")
    shape = np.frombuffer(content, ">u4", rank, offset=4).astype(int)
    data = np.frombuffer(content, np.uint8, offset=start)
    if len(data) != shape.prod():
        raise UserError(f"{path} is truncated ({len(data)} of {shape.prod()} bytes): put the published file there")
    return data.reshape(shape)


def read(path: Path) -> np.ndarray:
    """One of the four files as an array."""
    return parse(decompress(load(path), path), path)


class Fashion(Dataset):
    """Shoes of Fashion-MNIST: photo or edge map."""

    name = "fashion"
    attributes = ("Photo",)
    groups = {"Domain": ("Photo",)}
    paired = True
    paper_table = "table2b"
    sources = tuple(
        Source(
            name,
            urls=tuple(mirror + name for mirror in MIRRORS),
            checksum=f"sha256:{checksum}",
            gunzipped=True,
            places=(f"${VARIABLE}", str(DEBIAN)),
            by_hand=cure(None),
        )
        for name, checksum in SHA256.items()
    )
    licence = "MIT"
    homepage = "https://github.com/zalandoresearch/fashion-mnist"
    citation = (
        "Xiao, Rasul, Vollgraf: Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms, 2017"
    )

    def lazy_split(self, split: str, count: int, size: int, seed: int, source: Path | None) -> LazySplit:
        """Draw count / 2 shoes without replacement: row 2k is the edge map of the photo in row 2k + 1.

        The table holds `Photo`, `pair` (the partner's row), `kind` and `index` (in the raw file).

        Raises:
            UserError: `size` is not 32, `count` is odd or too large, or the files are missing or broken.
        """
        if size != SIZE:
            raise UserError(f"fashion has images of {SIZE} pixels: key data.size must be {SIZE}, not {size}")
        if count % 2:
            raise UserError(f"fashion comes in pairs: key data.{split} must be even, not {count}")
        if source is None:
            raise UserError(f"fashion needs its raw files: {cure(source)}")
        images, labels = (read(source / f"{FILES[split]}-{part}-ubyte.gz") for part in ("images-idx3", "labels-idx1"))
        shoes = np.flatnonzero(np.isin(labels, list(KINDS)))
        if count > 2 * len(shoes):
            raise UserError(
                f"fashion has {len(shoes)} shoes: key data.{split} can be at most {2 * len(shoes)}, not {count}"
            )
        index = np.random.default_rng([seed, SPLITS.index(split)]).choice(shoes, count // 2, replace=False)

        def make_images(rows: slice) -> np.ndarray:
            shoes = images[index[rows.start // 2 : rows.stop // 2]]
            grey = 255 - np.pad(shoes, ((0, 0), (MARGIN, MARGIN), (MARGIN, MARGIN)))
            photos = np.repeat(grey[..., None], 3, axis=-1)
            return np.stack([edge_maps(photos), photos], axis=1).reshape(-1, SIZE, SIZE, 3)

        table = pair_columns("Photo", count)
        kind = pd.Series(labels[index]).map(KINDS)
        table = table.assign(kind=kind.repeat(2).to_numpy(), index=np.repeat(index, 2).astype(np.int32))
        return LazySplit(table, SIZE, make_images, CHUNK)
