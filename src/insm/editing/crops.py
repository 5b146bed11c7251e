"""Cropping a folder of photos to squares, before a study reads it."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from insm.datasets.photos.decoding import open_rgb
from insm.datasets.photos.files import is_hidden, suffixes
from insm.editing import faces
from insm.editing.photos import centre, region_of
from insm.support.errors import UserError, located
from insm.support.files import atomic

QUALITY = {"JPEG": {"quality": 95, "subsampling": 0}, "WEBP": {"quality": 95}}  # of formats that lose detail


class Cropped(NamedTuple):
    """One photo that was cropped."""

    path: Path  # of the result
    found: bool  # whether a face was found; True where none was looked for


def crop_folder(photos: Path, output: Path, align: bool) -> Iterator[Cropped]:
    """Write every image below a folder, cropped, to the same place below another; copy what else is there (tables).

    Args:
        photos: the folder.
        output: a folder that is not there yet or is empty.
        align: the square around the largest face, turned upright; without a face, and else always, the central square.

    Raises:
        UserError: `output` is in use or inside `photos`, there is no image, or one cannot be read or written.
    """
    if output.resolve().is_relative_to(photos.resolve()) or (output.exists() and any(output.iterdir())):
        raise UserError(f"{output} must be an empty folder outside of {photos}: name another")
    files = sorted(path for path in photos.rglob("*") if path.is_file() and not _hidden(path.relative_to(photos)))
    images = [path for path in files if path.suffix.lower() in suffixes()]
    if not images:
        raise UserError(f"{photos} holds no image: name a folder with some")
    for path in files:
        target = output / path.relative_to(photos)
        if path in images:
            with located(str(path)):
                yield crop(path, target, align)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def crop(photo: Path, target: Path, align: bool) -> Cropped:
    """Write one photo, cropped, in the format of its name."""
    image, _ = open_rgb(photo)
    square = faces.found(image) if align else centre(image)
    kind = Image.registered_extensions()[target.suffix.lower()]
    if kind not in Image.SAVE:
        raise UserError(f"images of the format {kind} are read, but not written: convert it to PNG")
    with atomic(target) as part:
        region_of(image, square or centre(image)).save(part, format=kind, **QUALITY.get(kind, {}))
    return Cropped(target, square is not None)


def _hidden(path: Path) -> bool:
    return any(map(is_hidden, path.parts))
