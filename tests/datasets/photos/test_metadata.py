"""Metadata: damaged in any way and in any format it never makes an image unreadable, and orientation is kept."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from insm.datasets.photos.decoding import DAMAGED, UNKNOWN_ORIENTATION, open_rgb
from insm.datasets.photos.metadata import exif_block, orientation_of_block, without_metadata

ORIENTATION, RED, GREEN = 0x0112, (200, 30, 60), (20, 220, 90)
UPRIGHT = Image.new("RGB", (32, 24), RED)
UPRIGHT.paste(GREEN, (16, 0, 32, 24))  # red on the left


def encoded(kind: str, image: Image.Image = UPRIGHT, **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def directory(*entries: tuple, order: str = "<", count: int | None = None) -> bytes:
    """A TIFF directory of entries (tag, type, count, four bytes), as EXIF blocks hold it."""
    head = b"II*\0" if order == "<" else b"MM\0*"
    body = b"".join(struct.pack(f"{order}HHI4s", *entry) for entry in entries)
    return head + struct.pack(f"{order}IH", 8, len(entries) if count is None else count) + body + bytes(4)


def number(value: int, order: str = "<") -> bytes:
    return struct.pack(f"{order}HH", value, 0)


SIX = (ORIENTATION, 3, 1, number(6))  # stored turned by a quarter
DIRECTORIES = {  # kind -> directory, whether the image is turned
    "big-endian": (directory((ORIENTATION, 3, 1, number(6, ">")), order=">"), True),
    "twice the same number": (directory((ORIENTATION, 3, 2, struct.pack("<HH", 6, 6))), True),
    "resolution beyond the end": (directory(SIX, (0x011A, 5, 1, b"\x0f\x27\0\0")), True),
    "a number as text": (directory((0x0100, 2, 4, b"abc\0"), SIX), True),
    "an unknown type": (directory(SIX, (0x9000, 13, 1, bytes(4))), True),
    "a count that is too large": (directory(SIX, count=500), True),
    "a directory in itself": (directory(SIX, (0x8769, 4, 1, b"\x08\0\0\0")), True),
    "GPS beyond the end": (directory(SIX, (0x8825, 4, 1, b"\x50\xc3\0\0")), True),
    "text that is no text": (directory(SIX, (0x9286, 2, 4, b"\xff\xfe\xfd\0")), True),
    "nothing": (b"", False),
    "garbage": (b"\x00\x08\x00\x02garbage", False),
    "a cut head": (b"II*\0", False),
}
FORMATS = {"jpeg": {"quality": 95, "subsampling": 0}, "webp": {"lossless": True}, "png": {}}


def is_turned(image: Image.Image) -> bool:
    """Whether red is above green, as in an image that is stored upright but says 6, instead of left of it."""
    pixels = np.asarray(image).astype(int)
    return abs(pixels[2, -3, 0] - pixels[-3, -3, 0]) > 60


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("damage", DIRECTORIES)
def test_only_the_orientation_of_a_damaged_block_is_read(tmp_path, kind, damage):
    block, turned = DIRECTORIES[damage]
    path = tmp_path / "x"
    path.write_bytes(with_exif(kind, block))
    image, _ = open_rgb(path)
    assert image.size == ((24, 32) if turned else (32, 24)) and is_turned(image) == turned


def with_exif(kind: str, block: bytes) -> bytes:
    """The image as a file with an EXIF block, written as it is."""
    content = encoded(kind, **FORMATS[kind])
    if kind == "jpeg":
        data = b"Exif\0\0" + block
        return content[:2] + b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data + content[2:]
    if kind == "png":
        return content[:33] + png_chunk(b"eXIf", block) + content[33:]
    content = encoded(kind, exif=directory(SIX), **FORMATS[kind])
    place = content.index(b"EXIF")
    padded = block + b"\0" * (len(block) % 2)
    body = content[8:place] + b"EXIF" + struct.pack("<I", len(block)) + padded
    return b"RIFF" + struct.pack("<I", len(body)) + body


def png_chunk(kind: bytes, data: bytes, checksum: int | None = None) -> bytes:
    checksum = zlib.crc32(kind + data) if checksum is None else checksum
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


@pytest.mark.parametrize(
    "chunk",
    [
        png_chunk(b"tEXt", b"Comment\0hello", checksum=0),
        png_chunk(b"iTXt", b"no end"),
        png_chunk(b"zTXt", b"Comment\0\0not compressed"),
        png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(80_000_000))),
        png_chunk(b"iCCP", b"profile\0\0not compressed"),
        png_chunk(b"pHYs", b"short"),
        png_chunk(b"tIME", b"", checksum=1),
    ],
    ids=["checksum", "iTXt", "zTXt", "large", "profile", "short", "empty"],
)
def test_damaged_chunks_of_a_png_file_do_not_matter(tmp_path, chunk):
    content = encoded("png")
    path = tmp_path / "x.png"
    path.write_bytes(content[:33] + chunk + content[33:])
    image, remarks = open_rgb(path)
    assert image.tobytes() == UPRIGHT.tobytes() and set(remarks) <= {DAMAGED}


def test_the_orientation_stays_where_other_metadata_have_to_be_removed(tmp_path):
    content = encoded("png", exif=directory(SIX))
    (tmp_path / "x.png").write_bytes(content[:33] + png_chunk(b"tEXt", b"Comment\0hello", checksum=0) + content[33:])
    image, remarks = open_rgb(tmp_path / "x.png")
    assert is_turned(image) and remarks == (DAMAGED,)


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff", "avif"])
@pytest.mark.parametrize("value", range(1, 9))
def test_orientation_is_applied_in_every_format_that_has_it(tmp_path, kind, value):
    exif = Image.Exif()
    exif[ORIENTATION] = value
    (tmp_path / "x").write_bytes(encoded(kind, exif=exif, **FORMATS.get(kind, {})))
    image, remarks = open_rgb(tmp_path / "x")
    assert image.size == ((24, 32) if value > 4 else (32, 24)) and not remarks
    turn = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}[value]  # Image.Transpose
    wanted = UPRIGHT if turn is None else UPRIGHT.transpose(Image.Transpose(turn))
    assert np.abs(np.asarray(image).astype(int) - np.asarray(wanted)).mean() < 12


@pytest.mark.parametrize("compression", [None, "tiff_deflate"])
def test_damaged_tags_of_a_tiff_file_do_not_matter(tmp_path, compression):
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    content = bytearray(encoded("tiff", exif=exif, compression=compression))
    start = struct.unpack("<I", content[4:8])[0]
    for place in range(start + 2, len(content) - 12, 12):  # point the resolution behind the end
        if struct.unpack("<H", content[place : place + 2])[0] == 0x011A:
            content[place + 8 : place + 12] = struct.pack("<I", 10**6)
    (tmp_path / "x.tif").write_bytes(content)
    assert is_turned(open_rgb(tmp_path / "x.tif").image)


@pytest.mark.parametrize(
    "entry", [(ORIENTATION, 3, 1, number(0)), (ORIENTATION, 3, 1, number(9)), (ORIENTATION, 2, 4, b"top\0")]
)
def test_an_unknown_orientation_is_ignored_and_told(tmp_path, entry):
    (tmp_path / "x.jpg").write_bytes(with_exif("jpeg", directory(entry)))
    image, remarks = open_rgb(tmp_path / "x.jpg")
    assert image.size == (32, 24) and UNKNOWN_ORIENTATION in remarks


def test_the_first_image_of_a_phones_file_is_read(tmp_path):
    UPRIGHT.save(tmp_path / "x.jpg", "MPO", save_all=True, append_images=[Image.new("RGB", (32, 24))])
    image, remarks = open_rgb(tmp_path / "x.jpg")
    assert np.asarray(image).mean() > 50 and any("several frames" in remark for remark in remarks)


@pytest.mark.parametrize("kind", FORMATS)
def test_pixels_are_the_same_without_metadata(kind):
    plain = encoded(kind, **FORMATS[kind])
    full = encoded(kind, exif=(b"Exif\0\0" if kind == "jpeg" else b"") + directory(SIX), **FORMATS[kind])
    assert orientation_of_block(exif_block(full)) == 6 and exif_block(plain) == b""
    stripped = without_metadata(full)
    assert exif_block(stripped) == b"" and len(stripped) < len(full)
    images = [Image.open(io.BytesIO(content)).convert("RGB").tobytes() for content in (plain, full, stripped)]
    assert images[0] == images[1] == images[2]


def test_other_formats_are_left_alone():
    assert without_metadata(encoded("bmp")) is None and without_metadata(b"") is None


def test_text_of_a_valid_file_is_no_remark(tmp_path):
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "hello")
    UPRIGHT.save(tmp_path / "x.png", pnginfo=info)
    assert open_rgb(tmp_path / "x.png").remarks == ()
