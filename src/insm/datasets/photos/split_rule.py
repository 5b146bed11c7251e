"""Which split an image of a person's own folder belongs to."""

import unicodedata
from hashlib import sha256

import pandas as pd

from insm.datasets.photos.notes import Notes

TEST_FRACTION, TEST_SEED = 0.1, 2020


def split_of(file: str) -> str:
    """The split of an image where nothing else divides the images: 10 % test, by a hash of its name below the folder.

    Test if the first 8 bytes of SHA-256("2020/<name>"), as a fraction of 2^64, are below 0.1. So an image stays in its
    split when others are added or removed.
    """
    name = unicodedata.normalize("NFC", file)  # the same on every file system
    fraction = int.from_bytes(sha256(f"{TEST_SEED}/{name}".encode(errors="surrogateescape")).digest()[:8]) / 2**64
    return "test" if fraction < TEST_FRACTION else "train"


def use_validation(table: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """A table whose column `split` may say "val": those rows are the test where there is no other, else left out."""
    validation = table["split"] == "val"
    if not validation.any():
        return table
    if not (table["split"] == "test").any():
        notes.add("validation images, used as the test since there is no other", table["file"][validation])
        return table.assign(split=table["split"].replace("val", "test"))
    notes.add("left out, validation images, which nothing uses", table["file"][validation])
    return table[~validation].reset_index(drop=True)
