"""Images as arrays, as tensors, in batches, in grids and as PNG files."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Protocol

import numpy as np
import torch
from torch import Tensor

GAP = 2  # white pixels between images


def grid(rows: Sequence[np.ndarray]) -> np.ndarray:
    """Rows of images, each uint8 [N, S, S, 3] -> one image uint8 [H, W, 3] with white gaps."""
    size = rows[0].shape[1]
    step = size + GAP
    sheet = np.full((len(rows) * step + GAP, max(map(len, rows)) * step + GAP, 3), 255, dtype=np.uint8)
    for i, row in enumerate(rows):
        for j, image in enumerate(row):
            sheet[GAP + i * step : GAP + i * step + size, GAP + j * step : GAP + j * step + size] = image
    return sheet


def save_png(image: np.ndarray, stream: BinaryIO) -> None:
    """Write uint8 [H, W, 3] as PNG."""
    from PIL import Image  # training needs it only here

    Image.fromarray(image).save(stream, format="PNG")


class Rows(Protocol):
    """An array, or what is read like one, some rows at a time."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: slice, /) -> np.ndarray: ...


def batches(*arrays: Rows, size: int) -> Iterator[tuple[np.ndarray, ...]]:
    """Equally long arrays, `size` rows of each at a time; the last batch may be smaller."""
    for start in range(0, len(arrays[0]), size):
        yield tuple(array[start : start + size] for array in arrays)


def to_pixels(images: np.ndarray, device: torch.device | str = "cpu") -> Tensor:
    """uint8 [N, H, W, 3] -> float32 [N, 3, H, W] in [0, 255]."""
    return torch.from_numpy(np.array(images)).to(device).permute(0, 3, 1, 2).float()


def to_tensor(images: np.ndarray, device: torch.device | str = "cpu") -> Tensor:
    """uint8 [N, H, W, 3] -> float32 [N, 3, H, W] in [-1, 1]."""
    return scaled(torch.from_numpy(np.array(images)).to(device))


def scaled(images: Tensor) -> Tensor:
    """uint8 [N, H, W, 3] -> float32 [N, 3, H, W] in [-1, 1], on the device where they are."""
    return images.permute(0, 3, 1, 2).float() / 127.5 - 1


def to_uint8(images: Tensor) -> np.ndarray:
    """float [N, 3, S, S], clipped to [-1, 1] -> uint8 [N, S, S, 3]."""
    scaled = ((images.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return scaled.permute(0, 2, 3, 1).cpu().numpy()
