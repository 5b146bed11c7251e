"""How a person's folder may be laid out. Each reader lists all images: `file`, attributes (uint8), `split`."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from insm.datasets.photos.files import HIDDEN, image_files, is_hidden, subfolders, suffixes
from insm.datasets.photos.label_tables import label_tables
from insm.datasets.photos.notes import Notes
from insm.datasets.photos.split_rule import split_of, use_validation
from insm.datasets.photos.table_layout import read_table
from insm.support.errors import UserError

SHOWN = 8  # entries of a folder that a message lists
SPLIT_FOLDERS = ("train", "val", "test")


class Layout(NamedTuple):
    """One way to lay out a folder."""

    expected: str  # for messages
    fits: Callable[[Path], bool]
    read: Callable[[Path, tuple[str, ...], Notes], pd.DataFrame]


def read_domains(place: Path, attributes: tuple[str, ...], notes: Notes) -> pd.DataFrame:
    """A subfolder for each domain, perhaps inside train/ and test/ (or val/); an attribute is 1 in the one of its name.

    One attribute tells two folders apart.

    Raises:
        UserError: the subfolders are others than the attributes.
    """
    places = [name for name in SPLIT_FOLDERS if divided_domains(place) and (place / name).is_dir()] or [""]
    domains = sorted({name for folder in places for name in subfolders(place / folder)})
    if not set(attributes) <= set(domains) or len(domains) != max(2, len(attributes)):
        inside = f"{place}/{places[0]}" if places[0] else str(place)
        raise UserError(
            f"{inside} has the subfolders {', '.join(domains) or '(none)'}, "
            f"the attributes are {', '.join(attributes)}: name one of two subfolders, or all of several"
        )
    folders = {}
    for folder in places:
        note_strays(place / folder, set(domains), notes)
        for name in domains:
            path = f"{folder}/{name}" if folder else name
            if (place / path).is_dir():
                folders[path] = folder, [int(name == attribute) for attribute in attributes]
            else:
                notes.add("a domain without a folder in this part", [f"{path}/"])
    if places != [""]:
        note_strays(place, set(places), notes)
    return listing(folders, place, attributes, notes)


def divided_domains(place: Path) -> bool:
    """Whether a folder has train/ and test/ (or val/) that hold subfolders, as torchvision's ImageFolder wants them."""
    names = set(subfolders(place))
    return "train" in names and bool({"test", "val"} & names) and len(subfolders(place / "train")) >= 2


def read_unpaired(place: Path, attributes: tuple[str, ...], notes: Notes) -> pd.DataFrame:
    """CycleGAN's trainA, trainB, testA, testB: the attribute is 1 in A."""
    folders = {f"{split}{domain}": (split, [int(domain == "A")]) for split in ("train", "test") for domain in "AB"}
    note_strays(place, set(folders), notes)
    return listing(folders, place, attributes, notes)


def read_pairs(place: Path, attributes: tuple[str, ...], notes: Notes) -> pd.DataFrame:
    """Pix2pix's train and test (or val), twice as wide as high: the attribute is 0 on the left, 1 on the right."""
    folders = {name: (name, [0]) for name in SPLIT_FOLDERS if (place / name).is_dir()}
    note_strays(place, set(folders), notes)
    return listing(folders, place, attributes, notes)


def note_strays(place: Path, expected: set[str], notes: Notes) -> None:
    """Note what else is in a folder of folders."""
    for path in sorted(place.iterdir()):
        if path.name not in expected:
            reason = HIDDEN if is_hidden(path.name) else "left out, beside the folders"
            notes.add(reason, [path.name + "/" * path.is_dir()])


def listing(
    folders: dict[str, tuple[str, list[int]]], place: Path, attributes: tuple[str, ...], notes: Notes
) -> pd.DataFrame:
    """The images of folders: folder -> (its split, or "" where each image's name decides; its labels)."""
    rows = []
    for folder, (split, labels) in folders.items():
        for path in image_files(place / folder, notes):
            file = f"{folder}/{path.name}"
            rows.append((*labels, file, split or split_of(file)))
    table = pd.DataFrame(rows, columns=[*attributes, "file", "split"])
    return use_validation(table.astype(dict.fromkeys(attributes, np.uint8)), notes)


def holds_images(folder: Path) -> bool:
    """Whether a folder holds an image itself."""
    return folder.is_dir() and any(
        path.suffix.lower() in suffixes() and not is_hidden(path.name) for path in folder.iterdir()
    )


def fits_pairs(place: Path) -> bool:
    return holds_images(place / "train") and (holds_images(place / "val") or holds_images(place / "test"))


LAYOUTS = {  # the first that fits is used
    "table": Layout(
        "images and a table of labels (.csv, or CelebA's list_attr_celeba.txt)",
        lambda place: bool(label_tables(place)),
        read_table,
    ),
    "unpaired": Layout(
        "trainA/, trainB/, testA/ and testB/",
        lambda place: {"trainA", "trainB", "testA", "testB"} <= set(subfolders(place)),
        read_unpaired,
    ),
    "pairs": Layout("train/ and test/ (or val/) of images side by side", fits_pairs, read_pairs),
    "domains": Layout(
        "a subfolder for each domain, perhaps inside train/ and test/ (or val/)",
        lambda place: len(subfolders(place)) >= 2,
        read_domains,
    ),
}


def find_layout(place: Path, layouts: dict[str, Layout], named: str = "") -> str:
    """The layout of a folder: the named one if it fits, or the first that does.

    Raises:
        UserError: none fits; the message tells what is there and what is expected.
    """
    tried = [named] if named else list(layouts)
    expected = "; or ".join(layouts[name].expected for name in tried)
    if not place.is_dir():
        state = "is no folder" if place.exists() else "is missing"
        raise UserError(f"{place} {state}: set key data.source, or put there {expected}")
    for name in tried:
        if layouts[name].fits(place):
            return name
    entries = sorted(path.name + "/" * path.is_dir() for path in place.iterdir())
    more = f" and {len(entries) - SHOWN} more" if len(entries) > SHOWN else ""
    raise UserError(f"{place} holds {', '.join(entries[:SHOWN]) or 'nothing'}{more}: expected {expected}")
