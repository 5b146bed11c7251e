"""The images that the Python interface takes and gives back: PIL, paths, arrays, tensors, and lists of them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor

from insm.data.images import to_tensor, to_uint8
from insm.datasets.photos.decoding import open_rgb, to_rgb
from insm.support.errors import UserError

Images = Any
"""A PIL image, a path, an array uint8 [H, W, 3] or [N, H, W, 3], a tensor [3, H, W] or [N, 3, H, W] in [-1, 1], or a
list of them."""
Pack = Callable[[Sequence[Image.Image]], Images]


def unpack(images: Images) -> tuple[list[Image.Image], Pack]:
    """Any images -> RGB images, and the function that gives as many edited ones the kind and shape of the given.

    Raises:
        UserError: something else, or an array or tensor of another shape or type.
    """
    match images:
        case Image.Image():
            return [decoded(images)], lambda edited: edited[0]
        case str() | Path():
            return [open_rgb(Path(images)).image], lambda edited: edited[0]
        case np.ndarray():
            return from_array(images)
        case Tensor():
            return from_tensor(images)
        case list() | tuple() if images:
            parts = [unpack(image) for image in images]
            return [picture for pictures, _ in parts for picture in pictures], _pack_all(parts)
        case list() | tuple():
            raise UserError("cannot edit an empty list: give at least one image")
    raise UserError(f"cannot edit {type(images).__name__}: give a PIL image, a path, an array, a tensor or a list")


def _pack_all(parts: Sequence[tuple[list[Image.Image], Pack]]) -> Pack:
    def pack(edited: Sequence[Image.Image]) -> Images:
        rest, packed = iter(edited), []
        for pictures, each in parts:
            packed.append(each([next(rest) for _ in pictures]))
        return packed

    return pack


def from_array(array: np.ndarray) -> tuple[list[Image.Image], Pack]:
    """Arrays uint8 [H, W, 3] or [N, H, W, 3]."""
    if array.dtype != np.uint8 or array.ndim not in (3, 4) or array.shape[-1] != 3 or 0 in array.shape:
        raise UserError(
            f"an array of images is uint8 [H, W, 3] or [N, H, W, 3], not {array.dtype} {list(array.shape)}: convert it"
        )
    batch = array if array.ndim == 4 else array[None]

    def pack(edited: Sequence[Image.Image]) -> np.ndarray:
        return np.stack([np.asarray(image) for image in edited]).reshape(array.shape)

    return [Image.fromarray(np.ascontiguousarray(image)) for image in batch], pack


def from_tensor(tensor: Tensor) -> tuple[list[Image.Image], Pack]:
    """Tensors [3, H, W] or [N, 3, H, W] of floats in [-1, 1]; they are edited at a precision of 8 bits."""
    if not tensor.is_floating_point() or tensor.ndim not in (3, 4) or tensor.shape[-3] != 3 or 0 in tensor.shape:
        raise UserError(
            f"a tensor of images is float [3, H, W] or [N, 3, H, W] in [-1, 1], not {tensor.dtype} "
            f"{list(tensor.shape)}: convert it"
        )
    if not (tensor.detach().abs().amax() <= 1.01):  # NaN too
        raise UserError("a tensor of images has values in [-1, 1]: convert it (x / 127.5 - 1 for values up to 255)")
    batch = tensor.detach() if tensor.ndim == 4 else tensor.detach()[None]

    def pack(edited: Sequence[Image.Image]) -> Tensor:
        arrays = np.stack([np.asarray(image) for image in edited])
        return to_tensor(arrays).reshape(tensor.shape).to(tensor)

    return [Image.fromarray(image) for image in to_uint8(batch.float())], pack


def decoded(image: Image.Image) -> Image.Image:
    """A PIL image of any mode as a file of it would be read."""
    try:
        return to_rgb(image)
    except (ValueError, OSError) as error:
        raise UserError(f"cannot edit a PIL image of mode {image.mode} ({error}): convert it to RGB") from None
