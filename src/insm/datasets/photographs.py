"""Photographs from files: found, decoded whatever their mode, cropped to a square and resized once, antialiased."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from insm.datasets.base import SPLITS
from insm.errors import UserError
from insm.progress import Progress

SUFFIXES = (".jpg", ".jpeg", ".png")
AGAIN = "put the original file there again"


def find(source: Path | None, dataset: str, needs: str, *parts: str) -> list[Path]:
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


def photos_in(folder: Path) -> list[Path]:
    """Every .jpg, .jpeg and .png file of a folder, by name, hidden ones left out; a UserError if there is none."""
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith("."))
    if not paths:
        raise UserError(f"{folder} holds no .jpg or .png picture: put the original files there")
    return paths


def choose(dataset: str, split: str, seed: int, files: int, count: int, each: int = 1) -> np.ndarray:
    """Which of the split's files to take, `each` pictures of a file: the first in a seeded order, or a UserError."""
    if count > files * each:
        raise UserError(f"{dataset}: key data.{split} can be at most {files * each}, all there are, not {count}")
    return np.random.default_rng([seed, SPLITS.index(split)]).permutation(files)[: count // each]


def open_rgb(path: Path) -> Image.Image:
    """Decode one picture: upright by its EXIF tag, RGB, transparency on white, 16 bits cut to the upper 8.

    Raises:
        UserError: the file is missing, broken or no picture.
    """
    try:
        with Image.open(path) as opened:
            image = ImageOps.exif_transpose(opened)
        if image.mode.startswith("I"):  # 16-bit grey, which `convert` would clip at 255
            image = Image.fromarray((np.clip(np.asarray(image), 0, 0xFFFF) >> 8).astype(np.uint8))
        if image.has_transparency_data:
            image = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
        return image.convert("RGB")
    except Exception as error:  # Pillow raises many kinds for a broken file
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise UserError(f"{path} is no whole picture ({reason}): {AGAIN}") from None


def square(image: Image.Image, size: int) -> np.ndarray:
    """The central square of an RGB picture, resized by Lanczos -> uint8 [size, size, 3]."""
    side = min(image.size)
    left, top = ((length - side) // 2 for length in image.size)
    image = image.crop((left, top, left + side, top + side))
    return np.asarray(image.resize((size, size), Image.Resampling.LANCZOS))


def load_photo(path: Path, size: int) -> np.ndarray:
    """The central square of one picture, uint8 [size, size, 3]."""
    return square(open_rgb(path), size)


def side_by_side(path: Path, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The left and the right half of one picture of two squares, each uint8 [size, size, 3].

    Raises:
        UserError: it is not twice as wide as high.
    """
    image = open_rgb(path)
    width, height = image.size
    if width != 2 * height:
        raise UserError(f"{path} has {width} x {height} pixels, not two squares side by side: {AGAIN}")
    left, right = (image.crop((x, 0, x + height, height)) for x in (0, height))
    return square(left, size), square(right, size)


def load_photos(paths: Sequence[Path], size: int, pairs: bool = False) -> np.ndarray:
    """N files -> uint8 [N, size, size, 3]; with `pairs` [2N, ...]: row 2k is the left half of file k, 2k + 1 the right.

    Raises:
        UserError: a file is broken, or missing, which is told before the long work begins.
    """
    for path in paths:
        if not path.is_file():
            raise UserError(f"{path} is missing: {AGAIN}")
    load, each = (side_by_side, 2) if pairs else (load_photo, 1)
    pictures = np.empty((len(paths), each, size, size, 3), dtype=np.uint8)
    progress = Progress("Read photographs", len(paths), unit="files")
    for k, path in enumerate(paths):
        pictures[k] = load(path, size)
        progress(k + 1)
    return pictures.reshape(-1, size, size, 3)
