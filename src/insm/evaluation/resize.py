"""From images of any size to what Inception takes: uint8 [N, H, W, 3] -> float32 [N, 3, 299, 299] of about [-1, 1].

There are three ways, and a FID of one is no FID of another. Each is that of the packages that publish its numbers, with
their scale: 255 becomes 1 in `legacy`, 127 / 128 in the others.
"""

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from insm.data.images import to_pixels
from insm.networks.inception import SIDE

Resize = Callable[[np.ndarray, torch.device], Tensor]


def legacy(images: np.ndarray, device: torch.device) -> Tensor:
    """Bilinear between pixel centres, without antialiasing: pytorch-fid, and clean-fid's `legacy_pytorch`."""
    resized = F.interpolate(to_pixels(images, device) / 255, (SIDE, SIDE), mode="bilinear", align_corners=False)
    return 2 * resized - 1


def clean(images: np.ndarray, device: torch.device) -> Tensor:
    """Bicubic with antialiasing, by Pillow, every channel in float: clean-fid (Parmar et al., CVPR 2022)."""

    def channel(values: np.ndarray) -> np.ndarray:
        return np.asarray(Image.fromarray(values).resize((SIDE, SIDE), Image.Resampling.BICUBIC))

    channels = np.moveaxis(np.asarray(images, dtype=np.float32), 3, 1)
    resized = np.stack([channel(values) for values in channels.reshape(-1, *channels.shape[2:])])
    pixels = torch.from_numpy(resized.clip(0, 255)).view(-1, 3, SIDE, SIDE)  # bicubic overshoots at edges
    return (pixels.to(device) - 128) / 128


def tensorflow(images: np.ndarray, device: torch.device) -> Tensor:
    """Bilinear between top left corners: the graph's own resize, and so the first FIDs (TTUR), and torch-fidelity."""
    values = to_pixels(images, device)
    rows, columns = (corner_weights(size).to(device) for size in values.shape[2:])
    return (rows @ values @ columns.T - 128) / 128


def corner_weights(size: int) -> Tensor:
    """What each of `size` pixels adds to each of 299, pixel k lying at k * size / 299: float32 [299, size]."""
    place = torch.arange(SIDE, dtype=torch.float64) * size / SIDE
    low = place.long()
    share = (place - low)[:, None]
    one = torch.eye(size, dtype=torch.float64)
    return ((1 - share) * one[low] + share * one[(low + 1).clamp_max(size - 1)]).float()


RESIZES: dict[str, Resize] = {"legacy": legacy, "clean": clean, "tensorflow": tensorflow}
