"""How a person's folder may be laid out. Each reader lists all images: `file`, attributes (uint8), `split`."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from insm.datasets.photos.reading import image_files
from insm.support.errors import UserError, suggest

TEST_SHARE, TEST_SEED = 0.1, 2020
SHOWN = 8  # variants of a folder that a message lists
Reader = Callable[..., pd.DataFrame]
Layout = tuple[str, Callable[[Path], bool], Reader]  # what it expects, how it is told, its reader


def split_of(file: str) -> str:
    """The split of an image where the folder has none: 10 % test, by a hash of its name below the folder.

    Test if the first 8 bytes of SHA-256("2020/<name>"), as a fraction of 2^64, are below 0.1. So an image stays in its
    split when others come or go.
    """
    fraction = int.from_bytes(sha256(f"{TEST_SEED}/{file}".encode()).digest()[:8]) / 2**64
    return "test" if fraction < TEST_SHARE else "train"


def read_table(place: Path, attributes: tuple[str, ...]) -> pd.DataFrame:
    """One .csv file: first column the names of images below the folder, the others 0 or 1; perhaps `split`.

    Raises:
        UserError: it is unreadable, lacks an attribute, or holds a wrong name or value.
    """
    path = tables_in(place)[0]
    try:
        rows = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig", skipinitialspace=True)
    except (OSError, ValueError) as error:  # pandas' parser errors and wrong encodings are ValueErrors
        raise UserError(
            f"{path} is no table ({' '.join(str(error).split())}): save it as UTF-8, commas between"
        ) from None
    file = rows.iloc[:, 0].str.strip()
    for name in attributes:
        if name not in rows.columns[1:]:
            found = [str(column) for column in rows.columns[1:]]
            raise UserError(f"{path} has no column {name!r}: it has {', '.join(found) or 'none'}{suggest(name, found)}")
        if not (good := rows[name].str.strip().isin(("0", "1"))).all():
            raise UserError(f"{path}: {name} of {file[~good].iloc[0]} is {rows[name][~good].iloc[0]!r}, not 0 or 1")
    for name in file:
        if not name or name.startswith("/") or ".." in PurePosixPath(name).parts:
            raise UserError(f"{path} names {name!r}, which is no file below {place}: mend that row")
    if (twice := file.duplicated()).any():
        raise UserError(f"{path} names {file[twice].iloc[0]!r} twice: mend that row")
    split = rows["split"].str.strip() if "split" in rows else file.map(split_of)
    if not (good := split.isin(("train", "test"))).all():
        raise UserError(f"{path}: split of {file[~good].iloc[0]} is {split[~good].iloc[0]!r}, not train or test")
    labels = {name: rows[name].str.strip().astype(np.uint8) for name in attributes}
    return pd.DataFrame(labels | {"file": file, "split": split}).sort_values("file", ignore_index=True)


def read_domains(place: Path, attributes: tuple[str, ...]) -> pd.DataFrame:
    """A subfolder for each domain: an attribute is 1 in the folder of its name. One attribute tells two folders apart.

    Raises:
        UserError: the subfolders are others than the attributes.
    """
    found = subfolders(place)
    lacking = [name for name in attributes if name not in found]
    if lacking or len(found) != max(2, len(attributes)):
        raise UserError(
            f"{place} has the subfolders {', '.join(found) or '(none)'}, the attributes are {', '.join(attributes)}: "
            "name one of two subfolders, or all of several"
        )
    return listing({folder: [int(name == folder) for name in attributes] for folder in found}, place, attributes)


def read_unpaired(place: Path, attributes: tuple[str, ...]) -> pd.DataFrame:
    """CycleGAN's trainA, trainB, testA, testB: the attribute is 1 in A."""
    return listing({f"{s}{d}": [int(d == "A")] for s in ("train", "test") for d in "AB"}, place, attributes)


def read_pairs(place: Path, attributes: tuple[str, ...]) -> pd.DataFrame:
    """Pix2pix's train and val (or test), images twice as wide as high: the attribute is 0 on the left, 1 on the right."""
    second = "val" if (place / "val").is_dir() else "test"
    return listing({"train": [0], second: [0]}, place, attributes)


def listing(folders: dict[str, list[int]], place: Path, attributes: tuple[str, ...]) -> pd.DataFrame:
    """The images of some folders, of one with equal attributes; a name train..., test... or val... tells the split."""
    rows = []
    for folder, labels in folders.items():
        named = "train" if folder.startswith("train") else "test" if folder.startswith(("test", "val")) else None
        for path in image_files(place / folder):
            file = f"{folder}/{path.name}"
            rows.append((*labels, file, named or split_of(file)))
    table = pd.DataFrame(rows, columns=[*attributes, "file", "split"])
    return table.astype(dict.fromkeys(attributes, np.uint8))


def tables_in(place: Path) -> list[Path]:
    """The .csv files of a folder."""
    return sorted(path for path in place.glob("*.csv") if not path.name.startswith("."))


def subfolders(place: Path) -> list[str]:
    """The names of a folder's subfolders, hidden ones left out."""
    return sorted(path.name for path in place.iterdir() if path.is_dir() and not path.name.startswith("."))


LAYOUTS: dict[str, Layout] = {  # the first that fits is taken
    "table": (
        "images and one .csv file of attributes",
        lambda place: len(tables_in(place)) == 1,
        read_table,
    ),
    "unpaired": (
        "trainA/, trainB/, testA/ and testB/",
        lambda place: {"trainA", "trainB", "testA", "testB"} <= set(subfolders(place)),
        read_unpaired,
    ),
    "pairs": (
        "train/ and val/ or test/ of images side by side",
        lambda place: {"train", "val"} <= set(subfolders(place)) or {"train", "test"} <= set(subfolders(place)),
        read_pairs,
    ),
    "domains": (
        "a subfolder for each domain",
        lambda place: len(subfolders(place)) >= 2,
        read_domains,
    ),
}


def find_layout(place: Path, layouts: dict[str, Layout], named: str = "") -> str:
    """The layout of a folder: the named one if it fits, or the first that does.

    Raises:
        UserError: none; the message tells what was found and what is expected.
    """
    tried = [named] if named else list(layouts)
    expected = "; or ".join(layouts[name][0] for name in tried)
    if not place.is_dir():
        raise UserError(f"{place} is missing: set key data.source, or put there {expected}")
    for name in tried:
        if layouts[name][1](place):
            return name
    variants = sorted(path.name + "/" * path.is_dir() for path in place.iterdir())
    more = f" and {len(variants) - SHOWN} more" if len(variants) > SHOWN else ""
    raise UserError(f"{place} holds {', '.join(variants[:SHOWN]) or 'nothing'}{more}: expected {expected}")
