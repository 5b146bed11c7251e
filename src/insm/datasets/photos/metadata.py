"""Metadata of image files. Only the orientation matters; a damaged rest never makes an image unreadable.

Pillow parses metadata while it decodes and refuses some damaged blocks; `without_metadata` removes them first.
"""

import re
import struct
from collections.abc import Iterator

from PIL import Image, TiffImagePlugin

ORIENTATION = 0x0112  # EXIF and TIFF tag
UPRIGHT = {  # orientation -> what turns the stored image upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
PNG, EXIF = b"\x89PNG\r\n\x1a\n", b"Exif\0\0"
JPEG_DROPPED = {*range(0xE0, 0xF0), 0xFE} - {0xE0, 0xEE}  # but not JFIF and Adobe, which tell how colours are coded
PNG_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
WEBP_DROPPED = {b"EXIF", b"XMP ", b"ICCP"}


def orientation(image: Image.Image, content: bytes, damaged: bool) -> tuple[int, bool]:
    """The orientation that a loaded image still has to be turned by, and whether its metadata are damaged.

    A value other than 1 to 8 is what is stored instead (0 for one that is no number).

    Args:
        content: the bytes of the file, which are searched where Pillow cannot read the metadata.
        damaged: whether the image was loaded without its metadata.
    """
    if isinstance(image, TiffImagePlugin.TiffImageFile):  # turned by Pillow already, unless metadata are damaged
        value = image.tag_v2.get(ORIENTATION, 1)
    elif damaged:
        value = orientation_of_block(exif_block(content))
    else:
        try:
            value = image.getexif().get(ORIENTATION, 1)
        except Exception:  # Pillow raises many kinds for damaged metadata
            return orientation(image, content, damaged=True)
    if isinstance(value, tuple) and value:
        value = value[0]
    return value if isinstance(value, int) else 0, damaged


def orientation_of_block(block: bytes) -> int:
    """The orientation in the first directory of an EXIF block, 1 where it has none; nothing else is looked at."""
    block = re.sub(rb"^(Exif\0\0)+", b"", block)
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None or len(block) < 8:
        return 1
    start = struct.unpack(f"{order}I", block[4:8])[0]
    for place in range(start + 2, len(block) - 11, 12):
        tag, kind, _, value = struct.unpack(f"{order}HHIH", block[place : place + 10])
        if tag == ORIENTATION:
            return value if kind == 3 else 0  # 3: a 16-bit number
        if tag > ORIENTATION:  # tags are in rising order
            break
    return 1


def exif_block(content: bytes) -> bytes:
    """The EXIF block of a JPEG, PNG or WebP file, empty where there is none."""
    kinds = {0xE1: EXIF, b"eXIf": b"", b"EXIF": b""}
    blocks = (data for kind, data, _ in parts(content) if kind in kinds and data.startswith(kinds[kind]))
    return next(blocks, b"")


def without_metadata(content: bytes) -> bytes | None:
    """The same JPEG, PNG or WebP file without anything that pixels do not depend on; None for other formats."""
    if content.startswith(b"\xff\xd8"):
        return b"\xff\xd8" + b"".join(raw for kind, _, raw in parts(content) if kind not in JPEG_DROPPED)
    if content.startswith(PNG):
        return PNG + b"".join(raw for kind, _, raw in parts(content) if kind in PNG_KEPT)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        body = b"".join(cleared_flags(kind, raw) for kind, _, raw in parts(content) if kind not in WEBP_DROPPED)
        return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
    return None


def cleared_flags(kind: int | bytes, raw: bytes) -> bytes:
    """A WebP chunk; the header says no longer that EXIF, XMP and ICC chunks follow."""
    return raw[:8] + bytes([raw[8] & ~0x2C]) + raw[9:] if kind == b"VP8X" and len(raw) > 8 else raw


def parts(content: bytes) -> Iterator[tuple[int | bytes, bytes, bytes]]:
    """(Kind, data, raw bytes) of the segments of a JPEG file, or of the chunks of a PNG or WebP file."""
    if content.startswith(b"\xff\xd8"):
        yield from jpeg_segments(content)
    elif content.startswith(PNG):
        yield from chunks(content, len(PNG), ">I4s", kind_first=False, tail=4, padded=False)
    elif content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        yield from chunks(content, 12, "<4sI", kind_first=True, tail=0, padded=True)


def jpeg_segments(content: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """The segments of a JPEG file; the last one is the scan with all that follows."""
    place = 2
    while place + 4 <= len(content) and content[place] == 0xFF:
        kind = content[place + 1]
        if kind == 0xFF:  # a fill byte
            place += 1
            continue
        end = place + 2 + int.from_bytes(content[place + 2 : place + 4])
        if kind == 0xDA:  # start of scan
            break
        yield kind, content[place + 4 : end], content[place:end]
        place = end
    yield 0xDA, b"", content[place:]


def chunks(
    content: bytes, place: int, head: str, kind_first: bool, tail: int, padded: bool
) -> Iterator[tuple[bytes, bytes, bytes]]:
    """The chunks from `place` on: a head of kind and length (in either order), data, a checksum of `tail` bytes."""
    while place + 8 <= len(content):
        fields = struct.unpack(head, content[place : place + 8])
        kind, length = fields if kind_first else fields[::-1]
        data = place + 8
        end = data + length + tail + (length % 2 if padded else 0)
        yield kind, content[data : data + length], content[place:end]
        place = end
