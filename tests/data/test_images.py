"""Grids and batches of images."""

import io

import numpy as np
from PIL import Image

from insm.data.images import GAP, batches, grid, save_png


def test_grid_keeps_every_image_and_white_gaps():
    rows = [np.full((n, 4, 4, 3), 0, np.uint8) + np.arange(n, dtype=np.uint8)[:, None, None, None] for n in (3, 2)]
    sheet = grid(rows)
    step = 4 + GAP
    assert sheet.shape == (2 * step + GAP, 3 * step + GAP, 3) and sheet.dtype == np.uint8
    for i, row in enumerate(rows):
        for j, image in enumerate(row):
            cell = sheet[GAP + i * step :, GAP + j * step :][:4, :4]
            assert (cell == image).all()
            cell[:] = 255
    assert (sheet == 255).all(), "all else is white"


def test_png_keeps_every_byte_and_is_reproducible():
    image = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    one, two = io.BytesIO(), io.BytesIO()
    save_png(image, one)
    save_png(image, two)
    assert one.getvalue() == two.getvalue()
    assert (np.asarray(Image.open(one)) == image).all()


def test_batches_hold_every_row_once():
    one, other = np.arange(10), np.arange(10) * 2
    made = list(batches(one, other, size=4))
    assert [len(rows) for rows, _ in made] == [4, 4, 2]
    assert np.concatenate([rows for rows, _ in made]).tolist() == one.tolist()
    assert all((2 * rows == doubled).all() for rows, doubled in made)
    assert list(batches(one[:0], size=4)) == []
