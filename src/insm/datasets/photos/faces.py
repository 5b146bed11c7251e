"""How CelebA-HQ may lie in a folder. Each reader lists all images: attributes (uint8) and `image`, by index in HQ.

CelebA-HQ's index k is not CelebA's id: CelebA's labels are found through CelebAMask-HQ's mapping file.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from insm.datasets.photos.files import subfolders, suffixes
from insm.datasets.photos.label_tables import read_labels, read_rows
from insm.datasets.photos.layouts import Layout
from insm.datasets.photos.notes import Notes
from insm.datasets.photos.parquet import IMAGE, Cell, ParquetImages
from insm.support.errors import UserError

IMAGES, ANNOTATIONS = "CelebA-HQ-img/", "CelebAMask-HQ-attribute-anno.txt"
MAPPING, CELEBA_LIST = "CelebA-HQ-to-CelebA-mapping.txt", "list_attr_celeba.txt"
INDEX, ORIGIN = "idx", "orig_file"  # columns of parquet files, called as in the mapping file


def number_of(name: str) -> int | None:
    """The number that an image is called by (`000007.jpg` -> 7), None for other files."""
    stem, suffix = Path(name).stem, Path(name).suffix.lower()
    return int(stem) if suffix in suffixes() and re.fullmatch("[0-9]+", stem) else None


def read_attributes(path: Path, release: str, attributes: tuple[str, ...], notes: Notes) -> pd.DataFrame:
    """Attributes (uint8) of every image, by id in rising order, from CelebA's text file or from a copy as .csv.

    The text file holds the number of images, the names of 40 attributes, then lines such as `7.jpg  -1 1 ...`.

    Raises:
        UserError: it is unreadable, truncated or another file.
    """
    if path.suffix == ".csv":
        rows = read_rows(path, notes)
        table = pd.DataFrame(read_labels(path, rows, attributes, notes), index=rows["file"].map(number_of))
        if table.index.isna().any() or not table.index.is_unique:
            raise UserError(f"{path} names images otherwise than 000001.jpg, or one twice: put {release}'s there")
        return table.set_axis(table.index.astype(int)).sort_index()
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
        head, names, *rows = (line.split() for line in text.splitlines() if line.strip())
        index = [int(row[0].removesuffix(".jpg")) for row in rows]
        signs = np.array([row[1:] for row in rows]).astype(int).reshape(-1, len(names))
        table = pd.DataFrame(signs == 1, index=index, columns=names)[list(attributes)].astype(np.uint8)
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
        rows = [
            line.split() for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()
        ]
        rows = [row for row in rows if row[0] != INDEX]
        ids = [int(name.removesuffix(".jpg")) for _, _, name in rows if name.endswith(".jpg")]
        mapping = pd.Series(ids, index=[int(row[0]) for row in rows])
        if mapping.empty or not mapping.index.is_unique or not mapping.is_unique:
            raise ValueError("no rows, or an image twice")
    except (OSError, ValueError):
        raise UserError(f"{path} is unreadable, truncated or no mapping: put CelebAMask-HQ's there") from None
    return mapping.sort_index()


def labels_of(place: Path, mapping: pd.Series, attributes: tuple[str, ...], notes: Notes) -> pd.DataFrame:
    """CelebA's attributes of the images that a mapping names, by index in CelebA-HQ, in the mapping's order."""
    path = place / CELEBA_LIST
    labels = read_attributes(path, "CelebA", attributes, notes)
    if not (listed := mapping.isin(labels.index)).all():
        missing = mapping[~listed]
        raise UserError(
            f"{path} lacks {missing.iloc[0]:06}.jpg, CelebA-HQ's {missing.index[0]}: put CelebA's whole list there"
        )
    return labels.loc[mapping].set_axis(mapping.index)


def read_mask_release(place: Path, attributes: tuple[str, ...], notes: Notes) -> pd.DataFrame:
    """CelebAMask-HQ's folder, which has labels of its own."""
    labels = read_attributes(place / ANNOTATIONS, "CelebAMask-HQ", attributes, notes)
    return labels.assign(image=[place / IMAGES / f"{k}.jpg" for k in labels.index])


def read_files(place: Path, attributes: tuple[str, ...], notes: Notes) -> pd.DataFrame:
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
    return labels_of(place, mapping, attributes, notes).assign(
        image=[images.get(k, folders[0] / f"{k}.jpg") for k in mapping.index]
    )


def image_folders(place: Path) -> list[Path]:
    """Where images called by numbers are: CelebA-HQ-img/ if it is there, else the folder or its subfolders."""
    named = place / IMAGES
    candidates = [named] if named.is_dir() else [place, *(place / name for name in subfolders(place))]
    return [folder for folder in candidates if any(number_of(path.name) is not None for path in folder.iterdir())]


def numbered(folder: Path) -> dict[int, Path]:
    """The images of a folder by their number.

    Raises:
        UserError: two have the same.
    """
    images: dict[int, Path] = {}
    for path in sorted(folder.iterdir()):
        if (number := number_of(path.name)) is None:
            continue
        if number in images:
            raise UserError(f"{images[number]} and {path.name} have the same number: leave one")
        images[number] = path
    return images


def read_parquet(place: Path, attributes: tuple[str, ...], notes: Notes) -> pd.DataFrame:
    """Parquet files with a column `image`, in the order of the files' names and rows."""
    files = [ParquetImages(path) for path in parquet_files(place)]
    cells = [Cell(file, row) for file in files for row in range(len(file))]
    table = parquet_labels(place, files, attributes, notes).assign(image=cells)
    if (repeated := table.index.duplicated()).any():
        raise UserError(
            f"{table['image'][repeated].iloc[0]} has index {table.index[repeated][0]} as another: leave one"
        )
    return table


def parquet_labels(place: Path, files: list[ParquetImages], attributes: tuple[str, ...], notes: Notes) -> pd.DataFrame:
    """The attributes of all rows: the files' own columns, or CelebA's by a column `orig_file` or the mapping file."""
    index = [k for file in files for k in indices(file)]
    lacking = {file.path: [name for name in attributes if name not in file.columns] for file in files}
    if not any(lacking.values()):
        return pd.concat([own_labels(file, attributes) for file in files]).set_axis(index)
    if all(ORIGIN in file.columns for file in files) and (place / CELEBA_LIST).is_file():
        mapping = pd.Series([k for file in files for k in numbers(file, ORIGIN)], index=index)
        return labels_of(place, mapping, attributes, notes)
    if (place / MAPPING).is_file() and (place / CELEBA_LIST).is_file():
        mapping = read_mapping(place / MAPPING)
        if unknown := sorted(set(index) - set(mapping.index)):
            raise UserError(f"{place / MAPPING} lacks index {unknown[0]}: put CelebAMask-HQ's there")
        return labels_of(place, mapping.loc[index], attributes, notes)
    path, names = next((path, names) for path, names in lacking.items() if names)
    raise UserError(
        f"{path} has no column {', '.join(names)}: add the attributes, "
        f"or `{ORIGIN}` or {MAPPING}, and put {CELEBA_LIST} beside it"
    )


def own_labels(file: ParquetImages, attributes: tuple[str, ...]) -> pd.DataFrame:
    """The attributes in a file's own columns, which hold 0 and 1 or, as CelebA's list does, -1 and 1."""
    labels = pd.DataFrame({name: file.column(name) for name in attributes})
    for name, column in labels.items():
        if not (column.isin((0, 1)).all() or column.isin((-1, 1)).all()):
            raise UserError(f"{file.path}: column {name} holds other values than 0 and 1, or -1 and 1: mend it")
    return (labels == 1).astype(np.uint8)


def indices(file: ParquetImages) -> list[int]:
    """The index in CelebA-HQ of every row: its column `idx`, or the name in `image.path`. A row's place is no index."""
    return numbers(file, INDEX if INDEX in file.columns else f"{IMAGE}.path")


def numbers(file: ParquetImages, name: str) -> list[int]:
    """A column of numbers, or of names of images that are numbers."""
    values = [str(value) for value in file.column(name)]
    found = [int(value) if re.fullmatch("[0-9]+", value) else number_of(value) for value in values]
    if None in found:
        row = found.index(None)
        raise UserError(
            f"{file.path}, row {row}: {name} is {file.column(name)[row]!r}, no number or name such as 7.jpg"
            f"{f': add a column `{INDEX}` of indices in CelebA-HQ' if name != ORIGIN else ': mend it'}"
        )
    return [number for number in found if number is not None]


def parquet_files(place: Path) -> list[Path]:
    """The parquet files of a folder or of its subfolder data/, as Hugging Face lays them out."""
    return sorted(path for pattern in ("*.parquet", "data/*.parquet") for path in place.glob(pattern))


# The first that fits is used.
LAYOUTS = {
    "masked": Layout(
        f"CelebAMask-HQ's {IMAGES} and {ANNOTATIONS}",
        lambda place: (place / IMAGES).is_dir() and (place / ANNOTATIONS).is_file(),
        read_mask_release,
    ),
    "files": Layout(
        f"a folder of images <index>.jpg (or another format), {CELEBA_LIST} and {MAPPING}",
        lambda place: all((place / name).is_file() for name in (CELEBA_LIST, MAPPING)) and bool(image_folders(place)),
        read_files,
    ),
    "parquet": Layout(
        "*.parquet with a column `image` and the attributes (or `orig_file`)",
        lambda place: bool(parquet_files(place)),
        read_parquet,
    ),
}
