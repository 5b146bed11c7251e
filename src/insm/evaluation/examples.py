"""A few edits of every run in one picture, small enough for git: what a figure shows where no translations are kept."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo

from insm.support.errors import UserError
from insm.support.files import atomic
from insm.support.records import opened

COUNT = 2  # test images
TEXT = "insm"  # key of the picture's text


class Examples(NamedTuple):
    """The first test images and their single edits.

    labels   of each image, a value in {0, 1} per attribute: an edit is to the other value
    rows     name -> uint8 [N, 1 + A, S, S, 3], the input and then its edits
    """

    labels: list[list[int]]
    rows: dict[str, np.ndarray]


def examples_of(images: np.ndarray, labels: np.ndarray, edits: np.ndarray | None, name: str = "") -> Examples:
    """The first `COUNT` of the images uint8 [N, S, S, 3] with labels [N, A] and single edits [A, N, S, S, 3]."""
    columns = [images[:COUNT], *(edit[:COUNT] for edit in (() if edits is None else edits))]
    return Examples(labels[:COUNT].astype(int).tolist(), {name: np.stack(columns, axis=1)})


def save_examples(examples: Examples, path: Path) -> None:
    """Write a PNG without gaps: a row per image of each name, a column for the input and for each edit."""
    columns = max(row.shape[1] for row in examples.rows.values())
    size = next(iter(examples.rows.values())).shape[2]
    bands = []
    for row in examples.rows.values():
        band = np.full((len(row), columns, size, size, 3), 255, dtype=np.uint8)
        band[:, : row.shape[1]] = row
        bands.append(band.transpose(0, 2, 1, 3, 4).reshape(len(row) * size, columns * size, 3))
    text, known = PngInfo(), {name: list(row.shape[:3]) for name, row in examples.rows.items()}
    text.add_text(TEXT, json.dumps({"labels": examples.labels, "rows": known}))
    with atomic(path) as part:
        Image.fromarray(np.concatenate(bands)).save(part, format="PNG", pnginfo=text, optimize=True)


def read_examples(path: Path) -> Examples:
    """What `save_examples` wrote.

    Raises:
        UserError: the file is missing, no such picture, or has other bytes than its record says.
    """
    opened(path)
    try:
        with Image.open(path) as picture:
            told, pixels = json.loads(picture.text[TEXT]), np.asarray(picture.convert("RGB"))  # type: ignore[attr-defined]
    except (OSError, UnidentifiedImageError, AttributeError, KeyError, ValueError) as error:
        raise UserError(f"{path} is missing or holds no examples ({type(error).__name__}): make it again") from None
    rows, top = {}, 0
    for name, (count, columns, size) in told["rows"].items():
        band = pixels[top : top + count * size, : columns * size]
        rows[name] = band.reshape(count, size, columns, size, 3).transpose(0, 2, 1, 3, 4)
        top += count * size
    return Examples(told["labels"], rows)


def together(parts: Mapping[str, Path], reference: Path) -> Examples:
    """The examples of several runs, below the reference's, each under its name.

    Args:
        parts: name -> picture of one run.
        reference: the picture with the true edits.
    """
    labels, rows = read_examples(reference)
    for name, path in parts.items():
        (rows[name],) = read_examples(path).rows.values()
    return Examples(labels, rows)
