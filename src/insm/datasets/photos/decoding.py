"""Decoding image files of any format that Pillow reads: upright, RGB, a central square, resized once, antialiased."""

from io import BytesIO
from typing import IO, Literal, NamedTuple, Protocol, cast

import numpy as np
from PIL import Image, TiffImagePlugin, UnidentifiedImageError

from insm.datasets.photos.metadata import PNG, UPRIGHT, orientation, without_metadata
from insm.support.errors import UserError

DARK = 15  # of 255: the largest value of images that hold 12-bit numbers in 16 bits

DAMAGED = "damaged metadata, of which only the orientation is read"
UNKNOWN_ORIENTATION = "orientation is none of 1 to 8 and is ignored"
FRAMES = "several frames, of which the first is read"
SIXTEEN = "16 bits per channel, of which the upper 8 are kept"
NEARLY_BLACK = f"nearly black: no value above {DARK} of 255 (12-bit numbers, or labels?)"
TRANSPARENT = "transparent pixels, which are laid on white"
CMYK = "CMYK, converted to RGB without a colour profile"
ENLARGED = "smaller than the split's images, so enlarged"


class ImageFile(Protocol):
    """Where an image's bytes are: a path, or whatever opens and names itself (by `str`) like one."""

    def is_file(self) -> bool: ...

    def open(self, mode: Literal["rb"]) -> IO[bytes]: ...


class Decoded(NamedTuple):
    """An RGB image, and what was converted or ignored on the way to it."""

    image: Image.Image
    remarks: tuple[str, ...]


def open_rgb(file: ImageFile) -> Decoded:
    """Decode one image: upright by its orientation tag, RGB, transparency on white, 16 bits cut to the upper 8.

    Formats are told by content, not by ending. Of several frames it is the first.

    Raises:
        UserError: the file is missing, damaged, no image, one whose white is unknown (floating-point numbers, integers
            beyond 16 bits) or larger than 179 megapixels (Pillow's limit against decompression bombs).
    """
    try:
        with file.open("rb") as stream:
            content = stream.read()
        image, remarks = decode(content)
        rgb = converted(image, remarks)
        if max(high for _, high in extrema(rgb)) <= DARK:
            remarks.append(NEARLY_BLACK)
        return Decoded(rgb, tuple(remarks))
    except UnidentifiedImageError:  # whose text names the stream by its place in memory
        raise UserError(f"{file} cannot be decoded (cannot identify image file)") from None
    except Exception as error:  # Pillow raises many kinds for a damaged file
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise UserError(f"{file} cannot be decoded ({reason})") from None


def decode(content: bytes) -> tuple[Image.Image, list[str]]:
    """The upright image of a file in its own mode, and remarks."""
    try:
        image, damaged = load(content), False
    except Exception as error:
        try:
            image, damaged = load_pixels_alone(content), True
        except Exception:
            raise error from None
    value, damaged = orientation(image, content, damaged)
    conditions = {
        DAMAGED: damaged,
        UNKNOWN_ORIENTATION: value not in (1, *UPRIGHT),
        FRAMES: frames(content) > 1,
        SIXTEEN: has_sixteen_bits(image, content),
    }
    upright = image.transpose(UPRIGHT[value]) if value in UPRIGHT else image
    return upright, [remark for remark, holds in conditions.items() if holds]


def load(content: bytes) -> Image.Image:
    """Open an image and decode its pixels."""
    image = Image.open(BytesIO(content))
    image.load()
    return image


def extrema(image: Image.Image) -> list[tuple[float, float]]:
    """The least and the greatest value of each band."""
    return [cast(tuple[float, float], band.getextrema()) for band in image.split()]


def load_pixels_alone(content: bytes) -> Image.Image:
    """Decode an image whose metadata Pillow refuses.

    Raises:
        Exception: any of Pillow's, where more than the metadata is damaged.
    """
    if (clean := without_metadata(content)) is not None:
        return load(clean)
    image = Image.open(BytesIO(content))
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        # It reads all metadata again once the pixels are decoded.
        image.load_end = lambda: None  # type: ignore[method-assign]
    image.load()
    return image


def frames(content: bytes) -> int:
    """How many frames a file has, 1 where that cannot be told; counted apart, since counting moves Pillow's reader."""
    try:
        return getattr(Image.open(BytesIO(content)), "n_frames", 1)
    except Exception:
        return 1


def has_sixteen_bits(image: Image.Image, content: bytes) -> bool:
    """Whether the file has 16 bits per channel; Pillow itself cuts those of colour images."""
    if content.startswith(PNG):
        return content[24] == 16
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return 16 in image.tag_v2.get(258, (8,))  # BitsPerSample
    return image.mode.startswith("I")


def to_rgb(image: Image.Image) -> Image.Image:
    """An image that is open already, upright and as RGB like a file's.

    Raises:
        ValueError: its white is unknown.
    """
    image.load()
    value, _ = orientation(image, b"", damaged=False)
    return converted(image.transpose(UPRIGHT[value]) if value in UPRIGHT else image, [])


def converted(image: Image.Image, remarks: list[str]) -> Image.Image:
    """An image of any mode as RGB; what is converted is added to the remarks.

    Raises:
        ValueError: its white is unknown.
    """
    if image.mode == "F":
        raise ValueError("floating-point pixels, whose white is unknown")
    if image.mode.startswith("I"):  # 16-bit grey, which `convert` would clip at 255
        values = np.asarray(image)
        if values.min() < 0 or values.max() > 0xFFFF:
            raise ValueError("integers outside 0 to 65,535, whose white is unknown")
        grey = (values >> 8).astype(np.uint8)
        if isinstance(key := image.info.get("transparency"), int) and (values == key).any():  # a PNG file's tRNS
            grey[values == key] = 255
            remarks.append(TRANSPARENT)
        return Image.fromarray(grey).convert("RGB")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        if extrema(image)[3][0] < 255:
            remarks.append(TRANSPARENT)
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    if image.mode == "CMYK":
        remarks.append(CMYK)
    return image.convert("RGB")


def square(image: Image.Image, size: int) -> np.ndarray:
    """The central square of an RGB image, resized by Lanczos -> uint8 [size, size, 3]."""
    side = min(image.size)
    left, top = ((length - side) // 2 for length in image.size)
    image = image.crop((left, top, left + side, top + side))
    return np.asarray(image.resize((size, size), Image.Resampling.LANCZOS))


def load_photo(file: ImageFile, size: int) -> np.ndarray:
    """The central square of one image, uint8 [size, size, 3]."""
    return square(open_rgb(file).image, size)


def halves(file: ImageFile) -> tuple[Image.Image, Image.Image, tuple[str, ...]]:
    """The left and the right half of one image of two squares, and remarks.

    Raises:
        UserError: it is not twice as wide as high.
    """
    image, remarks = open_rgb(file)
    width, height = image.size
    if width != 2 * height:
        raise UserError(f"{file} has {width} x {height} pixels, not two squares side by side")
    return image.crop((0, 0, height, height)), image.crop((height, 0, width, height)), remarks
