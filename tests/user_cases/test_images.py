"""Unusual images that people have in their folders."""

import os

import numpy as np
import pytest
from PIL import Image

from insm.data.preparation import prepare_split
from insm.data.prepared_split import load_split
from insm.data.settings import SplitConfig
from insm.datasets.photos.decoding import TRANSPARENT, load_photo, open_rgb

KEY, OTHER = (10, 20, 30), (200, 100, 50)


def test_an_image_of_one_pixel_is_a_flat_image(tmp_path):
    """A folder holds the one-pixel image of a web page's counter: it is read as its colour, at the split's size."""
    Image.new("RGB", (1, 1), OTHER).save(tmp_path / "counter.png")
    assert (load_photo(tmp_path / "counter.png", 16) == OTHER).all()


@pytest.mark.parametrize("size", [(1, 3000), (3000, 1)])
def test_of_a_line_of_pixels_the_central_one_is_taken(tmp_path, size):
    """A divider of a web page is one pixel high: its central square is one pixel."""
    line = Image.new("RGB", size, KEY)
    line.putpixel(((size[0] - 1) // 2, (size[1] - 1) // 2), OTHER)
    line.save(tmp_path / "line.png")
    assert (load_photo(tmp_path / "line.png", 16) == OTHER).all()


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "1", "I;16"])
def test_a_colour_that_a_png_file_declares_transparent_is_white(tmp_path, mode):
    """Older programs write transparency as one colour, which viewers show white: so do we; the rest stays as it is."""
    path, pixels = tmp_path / "logo.png", np.zeros((16, 16), dtype=bool)
    pixels[:, 8:] = True
    if mode == "I;16":
        image, key, other = Image.fromarray(np.where(pixels, 0x8000, 0x1000).astype(np.uint16)), 0x1000, (0x80,) * 3
    elif mode == "RGB":
        image, key, other = Image.fromarray(np.where(pixels[..., None], OTHER, KEY).astype(np.uint8)), KEY, OTHER
    elif mode == "1":
        image, key, other = Image.fromarray(~pixels), 1, (0, 0, 0)
    else:
        image, key, other = Image.fromarray(np.where(pixels, 90, 20).astype(np.uint8)), 20, (90,) * 3
    if mode == "P":
        image = image.convert("P")
        key = image.getpixel((0, 0))
    image.save(path, transparency=key)
    decoded = open_rgb(path)
    left, right = (decoded.image.getpixel(place) for place in ((2, 8), (13, 8)))
    assert (left, right) == ((255, 255, 255), other)
    assert TRANSPARENT in decoded.remarks


def test_failed_downloads_are_named_and_never_half_an_image(tmp_path, own, complains, capsys):
    """A connection broke: an error page, an empty file and half a JPEG are called .png. Preparing names all three and
    writes nothing; with `skip_unreadable` it leaves out exactly those."""
    place = own(tmp_path / "mine")
    (place / "001.png").write_text("<!DOCTYPE html><html><body>404 Not Found</body></html>")
    (place / "003.png").write_bytes(b"")
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(place / "005.png", "jpeg")
    os.truncate(place / "005.png", (place / "005.png").stat().st_size // 2)
    settings = {"dataset": "folder:Hat", "split": "train", "count": 8, "size": 16, "seed": 0, "source": place}
    images, table = tmp_path / "train.npy", tmp_path / "train.parquet"
    with complains("3 images are unreadable", "001.png", "003.png", "005.png", "data.skip_unreadable"):
        prepare_split(SplitConfig(**settings), images, table)
    assert not images.exists() and not table.exists()
    prepare_split(SplitConfig(**settings, skip_unreadable=True), images, table)
    assert "left out 3 rows" in capsys.readouterr().err
    split = load_split(images)
    assert sorted(split.table["file"]) == ["000.png", "002.png", "004.png", "006.png", "007.png"]
    assert [int(image[0, 0, 0]) for image in split.images] == [4 * int(name[:3]) for name in split.table["file"]]
