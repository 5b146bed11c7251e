"""Grids of pictures as arrays and PNG files."""

from collections.abc import Sequence
from typing import BinaryIO

import numpy as np

GAP = 2  # white pixels between pictures


def grid(rows: Sequence[np.ndarray]) -> np.ndarray:
    """Rows of pictures, each uint8 [N, S, S, 3] -> one picture uint8 [H, W, 3] with white gaps."""
    size = rows[0].shape[1]
    step = size + GAP
    sheet = np.full((len(rows) * step + GAP, max(map(len, rows)) * step + GAP, 3), 255, dtype=np.uint8)
    for i, row in enumerate(rows):
        for j, picture in enumerate(row):
            sheet[GAP + i * step : GAP + i * step + size, GAP + j * step : GAP + j * step + size] = picture
    return sheet


def save_png(picture: np.ndarray, stream: BinaryIO) -> None:
    """Write uint8 [H, W, 3] as PNG."""
    from PIL import Image  # training needs it only here

    Image.fromarray(picture).save(stream, format="PNG")
