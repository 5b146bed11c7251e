"""Pasting back and writing: nothing but the edit changes, and the file says what was done to it."""

import json

import numpy as np
import pytest
from PIL import Image

from insm.editing.photos import NOTICE, RENDERED, Square, centre, cut, is_rendered, paste, save_edited, sheet

RNG = np.random.default_rng(0)


def noise(width, height):
    return Image.fromarray(RNG.integers(0, 256, (height, width, 3), dtype=np.uint8))


@pytest.mark.parametrize(("size", "square"), [((9, 9), (0, 0, 9)), ((10, 5), (2, 0, 5)), ((4, 11), (0, 3, 4))])
def test_the_central_square_is_the_largest_in_the_middle(size, square):
    assert centre(noise(*size))[:3] == square


@pytest.mark.parametrize("how", ["difference", "replace"])
@pytest.mark.parametrize("side", [3, 16, 50])
def test_outside_of_the_square_nothing_changes(how, side):
    image, square = noise(80, 60), Square(20, 5, side)
    before = cut(image, square, 16)
    edited = np.asarray(paste(image, square, before, 255 - before, how)).copy()
    original = np.asarray(image).copy()
    for array in (edited, original):
        array[5 : 5 + side, 20 : 20 + side] = 0
    assert (edited == original).all()


@pytest.mark.parametrize("side", [3, 16, 50])
def test_no_change_leaves_every_pixel_of_a_photo(side):
    image, square = noise(80, 60), Square(20, 5, side)
    before = cut(image, square, 16)
    assert (np.asarray(paste(image, square, before, before, "difference")) == np.asarray(image)).all()


def test_at_the_models_size_both_ways_give_the_models_output():
    image, after = noise(30, 16), np.asarray(noise(16, 16))
    square = centre(image)
    for how in ("difference", "replace"):
        result = paste(image, square, cut(image, square, 16), after, how)
        assert (np.asarray(result.crop(square.box)) == after).all()


def test_a_uniform_change_is_added_everywhere_in_the_square():
    image = Image.fromarray(RNG.integers(50, 200, (64, 64, 3), dtype=np.uint8))
    before = cut(image, centre(image), 16)
    edited = paste(image, centre(image), before, before + 20, "difference")
    assert (np.asarray(edited) == np.asarray(image) + 20).all()


def test_the_file_tells_what_was_done_and_nothing_of_the_photo(tmp_path):
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    noise(8, 8).save(tmp_path / "photo.jpg", exif=exif)
    photo = Image.open(tmp_path / "photo.jpg")
    save_edited(photo, tmp_path / "edited.png", {"model_sha256": "abc", "target": {"Smiling": 1}})
    edited = Image.open(tmp_path / "edited.png")
    edited.load()
    assert edited.info["Comment"] == NOTICE
    assert json.loads(edited.info["insm"]) == {"model_sha256": "abc", "target": {"Smiling": 1}}
    assert not edited.getexif() and b"a camera" not in (tmp_path / "edited.png").read_bytes()
    assert (np.asarray(edited) == np.asarray(photo)).all()


def test_edits_of_rendered_images_stay_known_as_such(tmp_path):
    save_edited(noise(8, 8), tmp_path / "one.png", {"rendered": True})
    save_edited(noise(8, 8), tmp_path / "two.png", {"rendered": False})
    assert is_rendered(tmp_path / "one.png") and not is_rendered(tmp_path / "two.png")
    (tmp_path / "text.png").write_text(RENDERED)
    assert not is_rendered(tmp_path / "text.png") and not is_rendered(tmp_path / "missing.png")


def test_a_sheet_shows_every_image_in_order():
    colours = {str(k): Image.new("RGB", (40, 40), (k * 20, 0, 0)) for k in range(8)}
    pixels = np.asarray(sheet(colours))
    assert pixels.shape == (2 * (128 + 14), 6 * 128, 3), "small images are enlarged, so that captions are whole"
    for k in range(8):
        assert pixels[k // 6 * 142 + 20, k % 6 * 128 + 20].tolist() == [k * 20, 0, 0]


@pytest.mark.parametrize("angle", [30.0, -75.0])
def test_a_turned_square_is_taken_upright_and_put_back(angle):
    """A white line along the square's upper edge lies level in the cut; what is pasted lies along it in the photo."""
    photo, square = Image.new("RGB", (200, 160), "black"), Square(70, 50, 60, angle)
    before = cut(photo, square, 60)
    after = before.copy()
    after[10:14, 5:55] = 255
    for how in ("difference", "replace"):
        edited = paste(photo, square, before, after, how)
        again = cut(edited, square, 60)
        assert again[11:13, 8:52].min() > 200 and again[20:].max() < 30
        assert np.asarray(edited)[:, :40].max() == 0
        assert np.count_nonzero(np.asarray(edited)[..., 0] > 128) == pytest.approx(4 * 50, rel=0.1)


@pytest.mark.parametrize("square", [Square(-10, 20, 60), Square(60, 40, 80), Square(-10, 20, 60, 20.0)])
def test_a_square_may_reach_beyond_the_photo(square):
    photo = Image.fromarray(np.full((90, 100, 3), 100, np.uint8))
    before = cut(photo, square, 16)
    assert (before == 100).all()
    for how in ("difference", "replace"):
        edited = np.asarray(paste(photo, square, before, before + 50, how))
        assert edited.shape == (90, 100, 3) and edited.max() == 150 and edited.min() == 100
