"""Cropping a folder: same names, formats and tables, nothing else; faces where they are."""

import numpy as np
import pytest
from PIL import Image

from insm.editing import faces
from insm.editing.crops import crop_folder
from insm.editing.photos import Square


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    (folder / "images").mkdir(parents=True)
    (folder / "labels.csv").write_text("file,Smiling\na.png,1\nb.jpg,0\n")
    (folder / ".hidden.png").write_text("no image")
    values = np.zeros((40, 60, 3), np.uint8)
    values[:, 10:50] = 200  # the central square
    for name in ("a.png", "b.jpg"):
        Image.fromarray(values).save(folder / "images" / name)
    return folder


def test_the_central_square_of_every_image_and_the_tables(photos, tmp_path):
    made = list(crop_folder(photos, tmp_path / "out", align=False))
    assert [crop.path.name for crop in made] == ["a.png", "b.jpg"] and all(crop.found for crop in made)
    for name, kind in (("a.png", "PNG"), ("b.jpg", "JPEG")):
        image = Image.open(tmp_path / "out/images" / name)
        assert image.format == kind and image.size == (40, 40) and np.asarray(image).min() > 190
    assert (tmp_path / "out/labels.csv").read_text() == (photos / "labels.csv").read_text()
    assert not (tmp_path / "out/.hidden.png").exists()


def test_faces_are_cut_where_they_are_found(photos, tmp_path, monkeypatch):
    places = iter([Square(12, 2, 20), None])
    monkeypatch.setattr(faces, "found", lambda image: next(places))
    made = list(crop_folder(photos, tmp_path / "out", align=True))
    assert [crop.found for crop in made] == [True, False]
    assert [Image.open(crop.path).size for crop in made] == [(20, 20), (40, 40)]


@pytest.mark.parametrize("place", ["photos/out", "used"])
def test_no_file_is_ever_overwritten(photos, tmp_path, place, complains):
    (tmp_path / "used").mkdir()
    (tmp_path / "used/mine.txt").write_text("mine")
    with complains("empty folder"):
        list(crop_folder(photos, tmp_path / place, align=False))


def test_a_folder_without_images_and_a_damaged_image_are_told(photos, tmp_path, complains):
    (tmp_path / "empty").mkdir()
    with complains("holds no image"):
        list(crop_folder(tmp_path / "empty", tmp_path / "out", align=False))
    (photos / "images/c.png").write_text("no image")
    with complains("c.png"):
        list(crop_folder(photos, tmp_path / "out", align=False))
