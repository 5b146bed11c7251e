"""Photographs: every mode becomes upright RGB on white, the crop is central, damaged files are named."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from insm.data.dataset import load_dataset
from insm.datasets.photos.decoding import (
    halves,
    load_photo,
)
from insm.datasets.photos.files import draw_files, image_files, required_paths
from insm.datasets.photos.photo_split import photo_split

COLOURS = np.array([[(200, 30, 60), (20, 220, 90)], [(40, 60, 240), (250, 240, 230)]], dtype=np.uint8)
PHOTO = np.kron(COLOURS, np.ones((8, 8, 1), dtype=np.uint8))  # four squares, 16 x 16


def test_a_image_of_the_right_size_is_kept_exactly(saved):
    loaded = load_photo(saved(PHOTO), 16)
    assert loaded.dtype == np.uint8 and (loaded == PHOTO).all()


@pytest.mark.parametrize("tag", range(1, 9))
def test_exif_orientation_is_applied(saved, tag):
    turn = {
        1: lambda a: a, 2: np.fliplr, 3: lambda a: np.rot90(a, 2), 4: np.flipud, 5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a), 7: lambda a: np.rot90(a, 2).transpose(1, 0, 2), 8: lambda a: np.rot90(a, -1),
    }[tag]  # fmt: skip # upright -> stored
    exif = Image.Exif()
    exif[0x0112] = tag
    path = saved(np.ascontiguousarray(turn(PHOTO)), "photo.jpg", exif=exif, quality=100, subsampling=0)
    assert np.abs(load_photo(path, 16).astype(int) - PHOTO).max() < 12


@pytest.mark.parametrize(
    ("mode", "suffix"),
    [("L", "png"), ("L", "jpg"), ("1", "png"), ("P", "png"), ("P", "tif"), ("CMYK", "jpg"), ("CMYK", "tif")],
)
def test_every_mode_becomes_rgb(saved, mode, suffix):
    image = Image.fromarray(PHOTO).convert(mode)
    options = {"quality": 100, "subsampling": 0} if suffix == "jpg" else {}
    loaded = load_photo(saved(image, f"photo.{suffix}", **options), 16)
    assert loaded.shape == (16, 16, 3)
    assert np.abs(loaded.astype(int) - np.asarray(image.convert("RGB"))).max() < 12


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_is_laid_on_white(saved, mode):
    image = Image.fromarray(PHOTO).convert(mode)
    opaque = np.asarray(image.convert("RGB"))
    alpha = np.zeros((16, 16), dtype=np.uint8)
    alpha[:8], alpha[8:, 8:] = 255, 128
    image.putalpha(Image.fromarray(alpha))
    loaded = load_photo(saved(image), 16)
    assert (loaded[:8] == opaque[:8]).all() and (loaded[8:, :8] == 255).all()
    assert np.abs(loaded[8:, 8:] - (255 - (255 - opaque[8:, 8:].astype(float)) * 128 / 255)).max() <= 1


def test_transparent_entries_of_a_palette_are_laid_on_white(saved):
    image = Image.new("P", (16, 16), 1)
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.paste(0, (0, 0, 8, 16))
    loaded = load_photo(saved(image, transparency=0), 16)
    assert (loaded[:, :8] == 255).all() and (loaded[:, 8:] == (200, 100, 50)).all()


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_labels_are_scaled_not_clipped(saved, suffix):
    grey = (np.arange(256).reshape(16, 16) * 257).astype(np.uint16)
    loaded = load_photo(saved(grey, f"photo.{suffix}"), 16)
    assert (loaded == np.arange(256).reshape(16, 16, 1)).all()


@pytest.mark.parametrize("shape", [(16, 40), (40, 16), (16, 41), (41, 16)])
def test_the_crop_is_the_central_square(saved, shape):
    around = np.zeros((*shape, 3), dtype=np.uint8)
    top, left = ((length - 16) // 2 for length in shape)
    around[top : top + 16, left : left + 16] = PHOTO
    assert (load_photo(saved(around), 16) == PHOTO).all()


def test_the_resize_is_antialiased(saved):
    checks = (np.indices((64, 64)).sum(axis=0) % 2 * 255).astype(np.uint8)
    assert np.abs(load_photo(saved(checks), 16).astype(int) - 127).max() <= 2


def test_halves_do_not_bleed_into_each_other(saved):
    pair = np.zeros((32, 64, 3), dtype=np.uint8)
    pair[:, 32:] = 255
    left, right = photo_split([saved(pair)], pd.DataFrame({"A": [0, 1]}), 16, pairs=True).in_memory().images
    assert left.shape == right.shape == (16, 16, 3) and (left == 0).all() and (right == 255).all()


@pytest.mark.parametrize("shape", [(16, 16), (16, 31), (32, 16)])
def test_halves_must_be_squares(saved, complains, shape):
    path = saved(np.zeros(shape, dtype=np.uint8))
    with complains(path, f"{shape[1]} x {shape[0]} pixels", "side by side"):
        halves(path)


@pytest.mark.parametrize("suffix", ["jpg", "png"])
@pytest.mark.parametrize("spoil", [lambda b: b[: len(b) // 2], lambda b: b[:40], lambda b: b"", lambda b: b"<html>"])
def test_damaged_files_are_named(saved, complains, suffix, spoil):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    path = saved(noise, f"photo.{suffix}")
    path.write_bytes(spoil(path.read_bytes()))
    with complains(path, "cannot be decoded"):
        load_photo(path, 16)


def test_many_photographs_come_in_order(saved):
    paths = [saved(np.full((20, 24), 10 * k, dtype=np.uint8), f"{k}.png") for k in range(5)]
    table = pd.DataFrame({"A": np.arange(5)})
    split = photo_split(paths[::-1], table, 16).in_memory()
    assert split.images.shape == (5, 16, 16, 3) and split.table is table
    assert split.images[:, 0, 0, 0].tolist() == [40, 30, 20, 10, 0]
    assert photo_split([], table[:0], 16).in_memory().images.shape == (0, 16, 16, 3)


def test_images_may_be_read_in_another_order_than_the_rows(saved):
    paths = [saved(np.full((16, 16), 10 * k, dtype=np.uint8), f"{k}.png") for k in range(20)]
    read = []

    class Told:
        def __init__(self, path):
            self.is_file, self.path = path.is_file, path

        def open(self, mode):
            read.append(int(self.path.stem))
            return self.path.open(mode)

    order = np.random.default_rng(0).permutation(20)
    split = photo_split([Told(path) for path in paths], pd.DataFrame(index=range(20)), 16, order=order).in_memory()
    assert read == order.tolist() and split.images[:, 0, 0, 0].tolist() == [10 * k for k in range(20)]


def test_missing_files_are_told_before_reading(tmp_path, complains):
    (tmp_path / "broken.jpg").write_bytes(b"")
    (tmp_path / "folder.jpg").mkdir()
    paths = [tmp_path / f"{name}.jpg" for name in ("broken", "absent", "folder")]
    with complains("2 images", f"{paths[1]} is missing", f"{paths[2]} is missing or no file", "put the raw files"):
        photo_split(paths, pd.DataFrame(index=range(3)), 16)


def test_photos_are_listed_by_name_without_other_files(tmp_path, complains):
    with complains(tmp_path, "holds no image", ".jpg"):
        image_files(tmp_path)
    for name in ("b.jpg", "a.JPG", "c.png", "._a.jpg", "notes.txt", "d.jpeg"):
        (tmp_path / name).touch()
    assert [path.name for path in image_files(tmp_path)] == ["a.JPG", "b.jpg", "c.png", "d.jpeg"]


@pytest.mark.parametrize("missing", ["one", "two.txt"])
def test_find_says_what_to_put_where(tmp_path, complains, missing):
    (tmp_path / "one").mkdir()
    (tmp_path / "two.txt").touch()
    assert required_paths(tmp_path, "set", "its folder", "one/", "two.txt") == [tmp_path / "one", tmp_path / "two.txt"]
    (tmp_path / missing).rename(tmp_path / "elsewhere")
    if missing == "two.txt":
        (tmp_path / missing).mkdir()  # a folder is no file
    with complains(f"set needs its folder, but {tmp_path / missing} is missing: put one/ and two.txt into {tmp_path}"):
        required_paths(tmp_path, "set", "its folder", "one/", "two.txt")
    with complains("put one/ and two.txt into data/raw/set or set key data.source"):
        required_paths(None, "set", "its folder", "one/", "two.txt")


def test_choices_are_the_first_of_one_seeded_order(complains):
    order = draw_files("set", "train", 0, 9, 9)
    assert sorted(order) == list(range(9))
    assert (draw_files("set", "train", 0, 9, 4) == order[:4]).all()
    assert (draw_files("set", "train", 0, 9, 8, each=2) == order[:4]).all()
    assert (draw_files("set", "train", 1, 9, 9) != order).any() and (draw_files("set", "test", 0, 9, 9) != order).any()
    with complains("set: key data.train can be at most 18", "not 20"):
        draw_files("set", "train", 0, 9, 20, each=2)


def test_another_count_than_the_published_one_is_told(complains):
    with complains("at most 9, all there are (the published set has 1,231), not 10"):
        draw_files("set", "train", 0, 9, 10, published=1231)
    with complains("at most 9, all there are, not 10"):
        draw_files("set", "train", 0, 9, 10, published=9)


def test_the_census_counts_images_in_known_folders(tmp_path):
    (tmp_path / "trainA").mkdir()
    (tmp_path / "trainA" / "a.jpg").touch()
    assert load_dataset("yosemite").count_raw_images(tmp_path) == {"trainA": 1}
