"""Edge maps: paper stays white, outlines turn dark and thin, every image is treated alone."""

import numpy as np
import pytest

from insm.datasets.drawing.edges import edge_maps


def disc(size: int, radius: float = 0.5, ink: int = 40) -> np.ndarray:
    """A grey disc on white, uint8 [1, size, size, 3], its radius in halves of the image."""
    axis = (np.arange(size) + 0.5) / size * 2 - 1
    cover = np.clip((radius - np.hypot(axis, axis[:, None])) * size / 2 + 0.5, 0, 1)
    return np.repeat(np.round(255 + cover * (ink - 255)).astype(np.uint8)[None, ..., None], 3, axis=-1)


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_plain_paper_has_no_edges(grey):
    assert (edge_maps(np.full((2, 32, 32, 3), grey, dtype=np.uint8)) == 255).all()


@pytest.mark.parametrize("size", [16, 32, 64, 128, 256])
def test_a_disc_becomes_a_thin_dark_circle(size):
    edges = edge_maps(disc(size))
    assert edges.dtype == np.uint8 and edges.shape == (1, size, size, 3)
    assert (edges == edges[..., :1]).all(), "three equal channels"
    ink = 1 - edges[0, ..., 0] / 255
    axis = (np.arange(size) + 0.5) / size * 2 - 1
    radius = np.hypot(axis, axis[:, None])
    assert abs((radius * ink).sum() / ink.sum() - 0.5) < 0.05, "the ink lies on the outline"
    assert ink[np.abs(radius - 0.5) > 0.05 + 3 / size].max() < 0.02, "and nowhere else"
    thickness = ink.sum() / (np.pi * 0.5 * size)  # pixels; the circumference is pi size / 2
    assert 0.6 < thickness < 2.0
    assert ink.max() > 0.6


def test_every_image_is_treated_alone_and_equally():
    photos = np.concatenate([disc(32), disc(32, 0.8, 120), disc(32, 0.3, 0)])
    together = edge_maps(photos)
    assert (together == np.concatenate([edge_maps(photo[None]) for photo in photos])).all()
    assert (together == edge_maps(photos.copy())).all()


def test_no_images():
    assert edge_maps(np.empty((0, 32, 32, 3), dtype=np.uint8)).shape == (0, 32, 32, 3)
