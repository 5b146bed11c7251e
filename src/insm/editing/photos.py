"""A photo's square as a model takes it, the edit pasted back at the photo's own size, and the file that results."""

import json
import math
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from insm.support.files import atomic

Paste = Literal["difference", "replace"]
NARROW, TILE, TILES, CAPTION = 128, 256, 6, 14  # of a sheet: least and greatest width of an image, pixels; images in a
# row; height of a caption, pixels
NOTICE = "Edited by a generative model; not an original image."
RENDERED = "Rendered by insm; it shows nobody."


class Square(NamedTuple):
    """Where in an image the model looks, in pixels of the image; it may reach beyond the image where it is turned."""

    left: int
    top: int
    side: int
    angle: float = 0.0  # degrees by which it is turned about its centre, clockwise

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom, before it is turned."""
        return (self.left, self.top, self.left + self.side, self.top + self.side)

    def affine(self, inverse: bool = False, shift: int = 0) -> tuple[float, ...]:
        """Pillow's six numbers that take points of the square to points of the image, or back.

        shift: pixels by which the image was enlarged at its left and top.
        """
        half, x, y = self.side / 2, self.left + self.side / 2 + shift, self.top + self.side / 2 + shift
        turn = math.radians(-self.angle if inverse else self.angle)
        c, s = math.cos(turn), math.sin(turn)
        (x0, y0), (x1, y1) = ((x, y), (half, half)) if inverse else ((half, half), (x, y))
        return (c, -s, x1 - c * x0 + s * y0, s, c, y1 - s * x0 - c * y0)


def centre(image: Image.Image) -> Square:
    """The largest square in the middle of an image."""
    side = min(image.size)
    left, top = ((length - side) // 2 for length in image.size)
    return Square(left, top, side)


def region_of(image: Image.Image, square: Square) -> Image.Image:
    """The square of an RGB image, upright and at its own size; beyond the image its edge goes on."""
    left, top, right, bottom = square.box
    if square.angle == 0 and min(left, top) >= 0 and right <= image.width and bottom <= image.height:
        return image.crop(square.box)
    shape, pad = (square.side, square.side), square.side
    enlarged = Image.fromarray(np.pad(np.asarray(image), ((pad, pad), (pad, pad), (0, 0)), mode="edge"))
    return enlarged.transform(shape, Image.Transform.AFFINE, square.affine(shift=pad), Image.Resampling.BICUBIC)


def cut(image: Image.Image, square: Square, size: int) -> np.ndarray:
    """The square of an RGB image, resized by Lanczos -> uint8 [size, size, 3]."""
    return np.asarray(region_of(image, square).resize((size, size), Image.Resampling.LANCZOS))


def paste(image: Image.Image, square: Square, before: np.ndarray, after: np.ndarray, how: Paste) -> Image.Image:
    """An RGB image with the edit in its square, at its own size.

    Args:
        image: the photo.
        square: where the edit belongs.
        before, after: what the model got and gave, each uint8 [S, S, 3].
        how: "difference" adds the change, enlarged, to the photo, which keeps its fine detail. "replace" puts the
            enlarged translation in place of the square. In a square of S pixels both give `after`.
    """
    if how == "difference":
        change = resize(after.astype(np.float32) - before.astype(np.float32), square.side)
        return added(image, placed(change, square, image.size))
    shape = (square.side, square.side)
    region = placed(np.asarray(Image.fromarray(after).resize(shape, Image.Resampling.LANCZOS)), square, image.size)
    inside = placed(np.ones((*shape, 1), np.float32), square, image.size)
    return added(image, inside * (region - np.asarray(image, dtype=np.float32)))


def added(image: Image.Image, change: np.ndarray) -> Image.Image:
    """An RGB image plus a change, float [H, W, 3]."""
    values = np.asarray(image, dtype=np.float32) + change
    return Image.fromarray(np.rint(values.clip(0, 255)).astype(np.uint8))


def placed(values: np.ndarray, square: Square, size: tuple[int, int]) -> np.ndarray:
    """Values of a square [S, S, C], S its side, where it is in an image of that size (width, height); 0 around it."""
    result = np.zeros((size[1], size[0], values.shape[2]), np.float32)
    if square.angle == 0:
        left, top, right, bottom = square.box
        x, y = max(left, 0), max(top, 0)
        part = values[y - top : min(bottom, size[1]) - top, x - left : min(right, size[0]) - left]
        result[y : y + len(part), x : x + part.shape[1]] = part
        return result
    for k, channel in enumerate(np.moveaxis(values.astype(np.float32), 2, 0)):
        turned = Image.fromarray(channel).transform(
            size, Image.Transform.AFFINE, square.affine(inverse=True), Image.Resampling.BILINEAR
        )
        result[..., k] = np.asarray(turned)
    return result


def resize(values: np.ndarray, side: int) -> np.ndarray:
    """float32 [S, S, C] -> [side, side, C], bicubic (antialiased where it shrinks)."""
    channels = [Image.fromarray(channel) for channel in np.moveaxis(values, 2, 0)]
    resized = [np.asarray(channel.resize((side, side), Image.Resampling.BICUBIC)) for channel in channels]
    return np.stack(resized, axis=2)


def sheet(tiles: dict[str, Image.Image]) -> Image.Image:
    """Square images by caption -> one image: side by side in rows of up to TILES, each NARROW to TILE pixels wide."""
    side = min(TILE, max(NARROW, *(tile.width for tile in tiles.values())))
    columns = min(TILES, len(tiles))
    rows = -(-len(tiles) // columns)
    result = Image.new("RGB", (columns * side, rows * (side + CAPTION)), "white")
    draw, font = ImageDraw.Draw(result), ImageFont.load_default()
    for number, (caption, tile) in enumerate(tiles.items()):
        left, top = number % columns * side, number // columns * (side + CAPTION)
        how = Image.Resampling.LANCZOS if tile.width >= side else Image.Resampling.NEAREST
        result.paste(tile.resize((side, side), how), (left, top))
        draw.text((left + 2, top + side + 1), caption, fill="black", font=font)
    return result


def save_edited(image: Image.Image, path: Path, facts: dict[str, Any]) -> None:
    """Write a PNG that tells, in its text chunks, that it was edited, by which model and how.

    Nothing of the photo's own metadata (place, camera, owner) goes with it.
    """
    info = PngInfo()
    info.add_text("Comment", f"{NOTICE} {RENDERED}" if facts.get("rendered") else NOTICE)
    info.add_text("insm", json.dumps(facts, sort_keys=True))
    clean = Image.fromarray(np.asarray(image))
    with atomic(path) as part:
        clean.save(part, format="PNG", pnginfo=info)


def save_rendered(image: np.ndarray, path: Path) -> None:
    """Write uint8 [H, W, 3] as a PNG that says that it is rendered."""
    info = PngInfo()
    info.add_text("Comment", RENDERED)
    with atomic(path) as part:
        Image.fromarray(image).save(part, format="PNG", pnginfo=info, optimize=True)


def is_rendered(path: Path) -> bool:
    """Whether a file says of itself that insm rendered it."""
    return RENDERED in told_of(path)


def is_edited(path: Path) -> bool:
    """Whether a file says of itself that insm edited it."""
    return NOTICE in told_of(path)


def told_of(path: Path) -> str:
    """The comment in an image file; empty if it has none or is none."""
    try:
        with Image.open(path) as image:
            return str(image.info.get("Comment", ""))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return ""
