"""What decoding converts is counted, for the log and the data card."""

import struct
import zlib

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from insm.datasets.photos.decoding import (
    CMYK,
    ENLARGED,
    FRAMES,
    NEARLY_BLACK,
    SIXTEEN,
    TRANSPARENT,
    load_photo,
    open_rgb,
    to_rgb,
)
from insm.datasets.photos.photo_split import photo_split
from tests.datasets.photos.test_decoding import PHOTO


@pytest.mark.parametrize(
    ("content", "options", "remark"),
    [
        (np.linspace(0, 0xFFF, 256).reshape(16, 16).astype(np.uint16), {}, NEARLY_BLACK),
        (np.linspace(0, 0xFFFF, 256).reshape(16, 16).astype(np.uint16), {}, SIXTEEN),
        (Image.fromarray(PHOTO).convert("CMYK"), {"name": "x.tif"}, CMYK),
        (np.dstack([PHOTO, np.full((16, 16), 200, np.uint8)]), {}, TRANSPARENT),
        (
            Image.fromarray(PHOTO),
            {"name": "x.gif", "save_all": True, "append_images": [Image.new("RGB", (16, 16))]},
            FRAMES,
        ),
    ],
    ids=["12 bits", "16 bits", "CMYK", "transparent", "frames"],
)
def test_conversions_are_counted_for_the_log_and_the_card(saved, content, options, remark):
    options = {"name": "x.png"} | options
    split = photo_split([saved(content, **options)] * 2, pd.DataFrame(index=range(2)), 16)
    assert split.notes() == [], "nothing is decoded yet"
    split.in_memory()
    (line,) = [line for line in split.notes() if line.startswith(remark)]
    assert line.startswith(f"{remark}: 2 (") and options["name"] in line


def test_plain_images_have_no_remarks_but_small_ones_are_told(saved):
    split = photo_split([saved(PHOTO), saved(PHOTO, "x.jpg")], pd.DataFrame(index=range(2)), 16)
    split.in_memory()
    assert split.notes() == []
    split = photo_split([saved(PHOTO)], pd.DataFrame(index=range(1)), 32)
    split.in_memory()
    assert split.notes() == [f"{ENLARGED}: 1 ({saved(PHOTO)})"]


def test_sixteen_bits_of_a_colour_image_are_told(tmp_path):
    rows = b"".join(b"\0" + struct.pack(">48H", *range(1000, 1048)) for _ in range(16))
    head = struct.pack(">IIBBBBB", 16, 16, 16, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    parts = [struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks]
    (tmp_path / "x.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
    image, remarks = open_rgb(tmp_path / "x.png")
    assert image.mode == "RGB" and set(remarks) == {SIXTEEN, NEARLY_BLACK}


def test_integers_whose_white_is_unknown_are_refused(saved, complains):
    path = saved(Image.fromarray(np.full((16, 16), 70_000, np.int32)), "x.tif")
    with complains(path, "outside 0 to 65,535"):
        load_photo(path, 16)


def test_an_open_image_becomes_what_its_file_would(saved):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = saved(PHOTO, "x.jpg", exif=exif, quality=100, subsampling=0)
    with Image.open(path) as image:
        assert to_rgb(image).tobytes() == open_rgb(path).image.tobytes()
