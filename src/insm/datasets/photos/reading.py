"""Photographs from files: found, decoded whatever their mode, cropped to a square and resized once, antialiased."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np
import pandas as pd
from PIL import Image, ImageOps, UnidentifiedImageError

from insm.data.dataset import SPLITS, Dataset
from insm.data.lazy_split import LazySplit
from insm.data.unreadable import unreadable_error
from insm.support.errors import UserError

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
CHUNK = 8  # rows decoded at once, an even number: small, so that no core waits at the end


class ImageFile(Protocol):
    """Where an image's bytes are: a path, or whatever opens and names itself (by `str`) like one."""

    def is_file(self) -> bool: ...

    def open(self, mode: str) -> BinaryIO: ...


class Photographs(Dataset):
    """A dataset of published photographs, which can be counted."""

    def count_raw_images(self, source: Path) -> dict[str, int]:
        return {name: len(image_files(source / name)) for name in self.published if (source / name).is_dir()}


def required_paths(source: Path | None, dataset: str, needs: str, *parts: str) -> list[Path]:
    """The paths of `parts` in `source` (a slash ends folders); where one is missing, a UserError says what to put."""
    place = source or Path("data/raw", dataset)
    paths = [place / part for part in parts]
    for part, path in zip(parts, paths, strict=True):
        if source is None or not (path.is_dir() if part.endswith("/") else path.is_file()):
            listed = f"{', '.join(parts[:-1])} and {parts[-1]}"
            raise UserError(
                f"{dataset} needs {needs}, but {path} is missing: put {listed} into {place} or set key data.source"
            )
    return paths


def image_files(folder: Path) -> list[Path]:
    """Every image of a folder (told by its ending), by name, hidden ones left out.

    Raises:
        UserError: there is none, or a name is no UTF-8, which tables cannot hold.
    """
    names = sorted(p.name for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and not p.is_dir())
    names = [name for name in names if not name.startswith(".")]
    if not names:
        raise UserError(f"{folder} holds no image ({', '.join(SUFFIXES)}): put the original files there")
    for name in names:
        if not name.isascii() and name != name.encode(errors="replace").decode():
            raise UserError(f"{folder} holds {name!r}, whose name is no UTF-8: rename it")
    return [folder / name for name in names]


def published_ranges(dataset: str) -> dict[str, range]:
    """The published division, a list in git: part -> the numbers in it, from lines `<part> <first> <last>`."""
    lines = files("insm.datasets").joinpath("splits", f"{dataset}.txt").read_text().splitlines()
    return {part: range(int(first), int(last) + 1) for part, first, last in map(str.split, lines)}


def draw_files(
    dataset: str, split: str, seed: int, files: int, count: int, each: int = 1, published: int = 0
) -> np.ndarray:
    """Which of the split's files to take, `each` images of a file: the first in a seeded order, or a UserError.

    `published` is the number of images that the published set has, if known.
    """
    if count > files * each:
        known = f" (the published set has {published:,})" if published not in (0, files * each) else ""
        raise UserError(f"{dataset}: key data.{split} can be at most {files * each}, all there are{known}, not {count}")
    return np.random.default_rng([seed, SPLITS.index(split)]).permutation(files)[: count // each]


def open_rgb(file: ImageFile) -> Image.Image:
    """Decode one image file as `to_rgb` does. Files are told by their content, not their ending.

    Raises:
        UserError: the file is missing, broken, no image, one of floating-point numbers or larger than 179 megapixels
            (Pillow's limit against decompression bombs).
    """
    try:
        with file.open("rb") as stream, Image.open(stream) as opened:
            return to_rgb(opened)
    except UnidentifiedImageError:  # whose text names the stream by its place in memory
        raise UserError(f"{file} cannot be decoded (cannot identify image file)") from None
    except Exception as error:  # Pillow raises many kinds for a broken file
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise UserError(f"{file} cannot be decoded ({reason})") from None


def to_rgb(image: Image.Image) -> Image.Image:
    """An image of any mode as RGB: upright by its EXIF tag, transparency on white, 16 bits cut to the upper 8.

    Of an animation it is the frame at hand, the first of a file.

    Raises:
        ValueError: floating-point pixels.
    """
    image = ImageOps.exif_transpose(image)
    if image.mode == "F":
        raise ValueError("floating-point pixels, whose white is unknown")
    if image.mode.startswith("I"):  # 16-bit grey, which `convert` would clip at 255
        image = Image.fromarray((np.clip(np.asarray(image), 0, 0xFFFF) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def square(image: Image.Image, size: int) -> np.ndarray:
    """The central square of an RGB image, resized by Lanczos -> uint8 [size, size, 3]."""
    side = min(image.size)
    left, top = ((length - side) // 2 for length in image.size)
    image = image.crop((left, top, left + side, top + side))
    return np.asarray(image.resize((size, size), Image.Resampling.LANCZOS))


def load_photo(image: ImageFile, size: int) -> np.ndarray:
    """The central square of one image, uint8 [size, size, 3]."""
    return square(open_rgb(image), size)


def side_by_side(file: ImageFile, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The left and the right half of one image of two squares, each uint8 [size, size, 3].

    Raises:
        UserError: it is not twice as wide as high.
    """
    image = open_rgb(file)
    width, height = image.size
    if width != 2 * height:
        raise UserError(f"{file} has {width} x {height} pixels, not two squares side by side")
    left, right = (image.crop((x, 0, x + height, height)) for x in (0, height))
    return square(left, size), square(right, size)


def photo_split(
    images: Sequence[ImageFile],
    table: pd.DataFrame,
    size: int,
    pairs: bool = False,
    order: Sequence[int] | None = None,
) -> LazySplit:
    """The prepared split of N images and their table; with `pairs`, rows 2k and 2k + 1 are the left and right half of file k.

    `order` (not of pairs) tells in which order to read them: that of their storage.

    Raises:
        UserError: files are missing: told before the long work begins, whereas broken ones are left to the draft.
    """
    if missing := [UserError(f"{image} is missing or no file") for image in images if not image.is_file()]:
        raise unreadable_error(missing)
    each = 2 if pairs else 1
    read = images if order is None else [images[k] for k in order]

    def attempt(image: ImageFile) -> tuple[np.ndarray | UserError, ...]:
        try:
            return side_by_side(image, size) if pairs else (load_photo(image, size),)
        except UserError as error:
            return (error,) * each

    def paint(rows: slice) -> list[np.ndarray | UserError]:
        return [half for image in read[rows.start // each : rows.stop // each] for half in attempt(image)]

    return LazySplit(table, size, paint, CHUNK, order)
