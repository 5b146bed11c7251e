"""Which files of a folder are images, and which of them a split takes."""

from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from PIL import Image
from PIL import ImageFile as PillowFile

from insm.data.dataset import SPLITS
from insm.datasets.photos.notes import Notes
from insm.support.errors import UserError

SYSTEM = {"thumbs.db", "desktop.ini", "__macosx", "@eadir", "#recycle", "$recycle.bin", "lost+found"}
HIDDEN = "left out, hidden or made by the system"
NO_IMAGE = "left out, since its ending is none of an image format that Pillow reads"
SUBFOLDER = "left out, a folder inside a folder of images"


@cache
def suffixes() -> frozenset[str]:
    """The endings of all formats that Pillow decodes, in lower case (`.jpg`)."""
    Image.init()
    decoded = {
        name
        for name, (factory, _) in Image.OPEN.items()
        if name != "MPEG" and not (isinstance(factory, type) and issubclass(factory, PillowFile.StubImageFile))
    }
    return frozenset(suffix for suffix, name in Image.registered_extensions().items() if name in decoded)


def is_hidden(name: str) -> bool:
    """Whether a file or folder is hidden or made by an operating system, as __MACOSX/ and Thumbs.db are."""
    return name.startswith(".") or name.lower() in SYSTEM


def subfolders(place: Path) -> list[str]:
    """The names of a folder's subfolders, hidden ones left out."""
    return sorted(path.name for path in place.iterdir() if path.is_dir() and not is_hidden(path.name))


def image_files(folder: Path, notes: Notes | None = None) -> list[Path]:
    """Every image of a folder (told by its ending), by name. What else is in it is counted in `notes`.

    Raises:
        UserError: there is none, or a name is no UTF-8, which tables cannot hold.
    """
    notes, images = notes or Notes(), []
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if is_hidden(path.name):
            notes.add(HIDDEN, [f"{folder.name}/{path.name}"])
        elif path.is_dir():
            notes.add(SUBFOLDER, [f"{folder.name}/{path.name}/"])
        elif path.suffix.lower() not in suffixes():
            notes.add(NO_IMAGE, [f"{folder.name}/{path.name}"])
        else:
            images.append(path)
    if not images:
        raise UserError(f"{folder} holds no image: put files of a format that Pillow reads there (.jpg, .png, ...)")
    for path in images:
        check_name(path)
    return images


def check_name(path: Path) -> None:
    """Refuse a name that no table can hold.

    Raises:
        UserError: it is no UTF-8.
    """
    if path.name != path.name.encode(errors="replace").decode():
        raise UserError(f"{path.parent} holds {path.name!r}, whose name is no UTF-8: rename it")


def required_paths(source: Path | None, dataset: str, needs: str, *parts: str) -> list[Path]:
    """The paths of `parts` in `source` (a slash ends folders).

    Raises:
        UserError: one is missing; the message says what to put where.
    """
    place = source or Path("data/raw", dataset)
    paths = [place / part for part in parts]
    for part, path in zip(parts, paths, strict=True):
        if source is None or not (path.is_dir() if part.endswith("/") else path.is_file()):
            listed = f"{', '.join(parts[:-1])} and {parts[-1]}"
            raise UserError(
                f"{dataset} needs {needs}, but {path} is missing: put {listed} into {place} or set key data.source"
            )
    return paths


def published_ranges(dataset: str) -> dict[str, range]:
    """The published division, a list in git: part -> the numbers in it, from lines `<part> <first> <last>`."""
    text = files("insm.datasets").joinpath("splits", f"{dataset}.txt").read_text(encoding="utf-8")
    return {part: range(int(first), int(last) + 1) for part, first, last in map(str.split, text.splitlines())}


def draw_files(
    dataset: str, split: str, seed: int, available: int, count: int, each: int = 1, published: int = 0
) -> np.ndarray:
    """Numbers of the split's files to use, `each` images of a file: the first of a seeded order of all.

    Args:
        dataset: what messages call it.
        available: how many files the split has.
        published: the number of images that the published set has, 0 if there is none.

    Raises:
        UserError: there are too few.
    """
    if count > available * each:
        whole = f" (the published set has {published:,})" if published not in (0, available * each) else ""
        raise UserError(
            f"{dataset}: key data.{split} can be at most {available * each}, all there are{whole}, not {count}"
        )
    return np.random.default_rng([seed, SPLITS.index(split)]).permutation(available)[: count // each]
