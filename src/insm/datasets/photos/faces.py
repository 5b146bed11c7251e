"""How CelebA-HQ may lie in a folder. Each reader lists all images: ten attributes (uint8) and `image`, by index in HQ.

CelebA-HQ's index k is not CelebA's id: CelebA's labels are found through CelebAMask-HQ's mapping file.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from insm.datasets.photos.layouts import Layout, subfolders
from insm.datasets.photos.parquet import IMAGE, Cell, Shelf
from insm.datasets.portraits import ATTRIBUTES
from insm.support.errors import UserError

IMAGES, ANNOTATIONS = "CelebA-HQ-img/", "CelebAMask-HQ-attribute-anno.txt"
MAPPING, ORIGINAL = "CelebA-HQ-to-CelebA-mapping.txt", "list_attr_celeba.txt"
NUMBERED = re.compile(r"(\d+)\.(jpg|jpeg|png)", re.IGNORECASE)
INDEX, ORIGIN = "idx", "orig_file"  # columns of parquet files, called as in the mapping file


def read_attributes(path: Path, release: str = "CelebAMask-HQ") -> pd.DataFrame:
    """The ten attributes (uint8) of every image, by id in rising order.

    The file holds the number of images, the names of 40 attributes, then lines such as `7.jpg  -1 1 ...`.

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


def read_mapping(path: Path) -> pd.Series:
    """The id in CelebA of every image, by its index in CelebA-HQ, rising.

    Lines such as `0  119613  119614.jpg` below a header; the second number counts from 0, so the name is what is read.

    Raises:
        UserError: it is unreadable, truncated or another file.
    """
    try:
        rows = [line.split() for line in path.read_text(errors="replace").splitlines() if line.strip()]
        rows = [row for row in rows if row[0] != INDEX]
        ids = [int(name.removesuffix(".jpg")) for _, _, name in rows if name.endswith(".jpg")]
        mapping = pd.Series(ids, index=[int(row[0]) for row in rows])
        if mapping.empty or not mapping.index.is_unique or not mapping.is_unique:
            raise ValueError("no rows, or an image twice")
    except (OSError, ValueError):
        raise UserError(f"{path} is unreadable, truncated or no mapping: put CelebAMask-HQ's there") from None
    return mapping.sort_index()


def labels(place: Path, mapping: pd.Series) -> pd.DataFrame:
    """CelebA's attributes of the images that a mapping names, by index in CelebA-HQ, in the mapping's order."""
    path = place / ORIGINAL
    labels = read_attributes(path, "CelebA")
    if not (known := mapping.isin(labels.index)).all():
        missing = mapping[~known]
        raise UserError(
            f"{path} lacks {missing.iloc[0]:06}.jpg, CelebA-HQ's {missing.index[0]}: put CelebA's whole list there"
        )
    return labels.loc[mapping].set_axis(mapping.index)


def read_masked(place: Path) -> pd.DataFrame:
    """CelebAMask-HQ's folder, which has labels of its own."""
    labels = read_attributes(place / ANNOTATIONS)
    return labels.assign(image=[place / IMAGES / f"{k}.jpg" for k in labels.index])


def read_files(place: Path) -> pd.DataFrame:
    """One folder of images that are called by their index, CelebA's labels and the mapping between them."""
    folders = image_folders(place)
    if len(folders) > 1:
        listed = ", ".join(map(str, folders))
        raise UserError(f"{listed}: each holds numbered images: leave one, or call CelebA-HQ's {IMAGES}")
    images, mapping = numbered(folders[0]), read_mapping(place / MAPPING)
    if lacking := sorted(images.keys() - mapping.index):
        raise UserError(
            f"{place / MAPPING} lacks index {lacking[0]}, that of {images[lacking[0]]}: put CelebAMask-HQ's there"
        )
    return labels(place, mapping).assign(image=[images.get(k, folders[0] / f"{k}.jpg") for k in mapping.index])


def image_folders(place: Path) -> list[Path]:
    """Where images called by numbers are: CelebA-HQ-img/ if it is there, else the folder or its subfolders."""
    named = place / IMAGES
    candidates = [named] if named.is_dir() else [place, *(place / name for name in subfolders(place))]
    return [folder for folder in candidates if any(NUMBERED.fullmatch(path.name) for path in folder.iterdir())]


def numbered(folder: Path) -> dict[int, Path]:
    """The images of a folder by their number.

    Raises:
        UserError: two have the same.
    """
    images = {}
    for path in sorted(path for path in folder.iterdir() if NUMBERED.fullmatch(path.name)):
        number = int(NUMBERED.fullmatch(path.name)[1])
        if number in images:
            raise UserError(f"{images[number]} and {path.name} have the same number: leave one")
        images[number] = path
    return images


def read_parquet(place: Path) -> pd.DataFrame:
    """Parquet files with a column `image`, in the order of the files' names and rows."""
    shelves = [Shelf(path) for path in parquet_files(place)]
    cells = [Cell(shelf, row) for shelf in shelves for row in range(len(shelf))]
    table = parquet_labels(place, shelves).assign(image=cells)
    if (twice := table.index.duplicated()).any():
        raise UserError(f"{table['image'][twice].iloc[0]} has index {table.index[twice][0]} as another: leave one")
    return table


def parquet_labels(place: Path, shelves: list[Shelf]) -> pd.DataFrame:
    """The attributes of all rows: the files' own columns, or CelebA's, through a column `orig_file` or the mapping file."""
    index = [k for shelf in shelves for k in indices(shelf)]
    lacking = {shelf.path: [name for name in ATTRIBUTES if name not in shelf.columns] for shelf in shelves}
    if not any(lacking.values()):
        return pd.concat([own_labels(shelf) for shelf in shelves]).set_axis(index)
    if all(ORIGIN in shelf.columns for shelf in shelves) and (place / ORIGINAL).is_file():
        return labels(place, pd.Series([k for shelf in shelves for k in numbers(shelf, ORIGIN)], index=index))
    if (place / MAPPING).is_file() and (place / ORIGINAL).is_file():
        mapping = read_mapping(place / MAPPING)
        if unknown := sorted(set(index) - set(mapping.index)):
            raise UserError(f"{place / MAPPING} lacks index {unknown[0]}: put CelebAMask-HQ's there")
        return labels(place, mapping.loc[index])
    path, names = next((path, names) for path, names in lacking.items() if names)
    raise UserError(
        f"{path} has no column {', '.join(names)}: add the ten attributes, "
        f"or `{ORIGIN}` or {MAPPING}, and put {ORIGINAL} beside it"
    )


def own_labels(shelf: Shelf) -> pd.DataFrame:
    """The attributes in a file's own columns, which hold 0 and 1 or, as CelebA's list does, -1 and 1."""
    labels = pd.DataFrame({name: shelf.column(name) for name in ATTRIBUTES})
    for name, column in labels.items():
        if not (column.isin((0, 1)).all() or column.isin((-1, 1)).all()):
            raise UserError(f"{shelf.path}: column {name} holds other values than 0 and 1, or -1 and 1: mend it")
    return (labels == 1).astype(np.uint8)


def indices(shelf: Shelf) -> list[int]:
    """The index in CelebA-HQ of every row: its column `idx`, or the name in `image.path`. A row's place is no index."""
    return numbers(shelf, INDEX if INDEX in shelf.columns else f"{IMAGE}.path")


def numbers(shelf: Shelf, name: str) -> list[int]:
    """A column of numbers, or of names of images that are numbers."""
    column = shelf.column(name)
    matches = [re.fullmatch(rf"(\d+)|{NUMBERED.pattern}", Path(str(value)).name, re.IGNORECASE) for value in column]
    if None in matches:
        row = matches.index(None)
        raise UserError(
            f"{shelf.path}, row {row}: {name} is {column[row]!r}, no number or name such as 7.jpg"
            f"{f': add a column `{INDEX}` of indices in CelebA-HQ' if name != ORIGIN else ': mend it'}"
        )
    return [int(match[1] or match[2]) for match in matches]


def parquet_files(place: Path) -> list[Path]:
    """The parquet files of a folder or of its subfolder data/, as Hugging Face lays them out."""
    return sorted(path for pattern in ("*.parquet", "data/*.parquet") for path in place.glob(pattern))


# What it expects, how it is told, its reader; the first that fits is taken.
LAYOUTS: dict[str, Layout] = {
    "masked": (
        f"CelebAMask-HQ's {IMAGES} and {ANNOTATIONS}",
        lambda place: (place / IMAGES).is_dir() and (place / ANNOTATIONS).is_file(),
        read_masked,
    ),
    "files": (
        f"a folder of images <index>.jpg or .png, {ORIGINAL} and {MAPPING}",
        lambda place: all((place / name).is_file() for name in (ORIGINAL, MAPPING)) and bool(image_folders(place)),
        read_files,
    ),
    "parquet": (
        "*.parquet with a column `image` and the ten attributes (or `orig_file`)",
        lambda place: bool(parquet_files(place)),
        read_parquet,
    ),
}
