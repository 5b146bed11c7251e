"""The square around a face."""

import pytest
from PIL import Image

from insm.editing.faces import square_of


@pytest.fixture(scope="module")
def astronaut():
    """A photo of 512 px; the face is between 175 and 270 px from the left, 65 and 165 px from the top."""
    from skimage.data import astronaut

    return Image.fromarray(astronaut())


def covers_the_face(square, factor=1.0):
    left, top, right, bottom = (edge / factor for edge in square.box)
    return left < 180 and right > 265 and top < 75 and bottom > 155 and right - left < 260


def test_the_square_is_around_the_face_and_inside_the_photo(astronaut):
    square = square_of(astronaut)
    assert covers_the_face(square)
    assert square.left >= 0 and square.top >= 0 and square.left + square.side <= 512


def test_a_larger_photo_gives_the_same_place(astronaut):
    assert covers_the_face(square_of(astronaut.resize((1536, 1536))), 3)


@pytest.mark.parametrize("size", [(64, 64), (500, 3), (1, 1)])
def test_a_photo_without_a_face_is_told(size, complains):
    with complains("no upright frontal face", "--align"):
        square_of(Image.new("RGB", size, "grey"))
