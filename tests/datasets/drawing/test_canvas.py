"""Canvas: shapes cover their areas, colours follow their definitions."""

import colorsys

import numpy as np
import pandas as pd
import pytest

from insm.datasets.drawing import canvas
from insm.datasets.drawing.canvas import Canvas, hsv, mix, palette, render_in_chunks

SHAPES = {
    "half plane": (lambda c: c.below(0.3) + 0 * c.x, 0.7 * 2),
    "disc": (lambda c: c.ellipse(0.1, -0.05, 0.5, 0.5), np.pi * 0.25),
    "ellipse": (lambda c: c.ellipse(0, 0.1, 0.8, 0.4), np.pi * 0.32),
    "box": (lambda c: c.box(0.1, 0.2, 0.6, 0.3), 4 * 0.18),
    "rounded box": (lambda c: c.box(0.1, 0.2, 0.6, 0.3, 0.2), 4 * 0.18 - (4 - np.pi) * 0.04),
    "stroke": (lambda c: c.stroke(-0.4, -0.3, 0.5, 0.4, 0.3), np.hypot(0.9, 0.7) * 0.3 + np.pi * 0.0225),
}


@pytest.mark.parametrize("name", SHAPES)
def test_coverage_sums_to_the_area(name):
    shape, area = SHAPES[name]
    c = Canvas(1, 64)
    covered = c.coverage(shape(c))
    assert covered.min() >= 0 and covered.max() <= 1
    assert covered.sum() * c.pixel**2 == pytest.approx(area, rel=0.01)


def test_distances_at_points_computed_by_hand():
    c = Canvas(1, 2)
    c.x, c.y = np.array([0.0, 0.5, 1.0])[None, None], np.array([0.0, 0.5])[None, :, None]
    diagonal = np.hypot(0.5, 0.5)
    close = lambda got, rows: np.testing.assert_allclose(got[0], rows, atol=1e-4)  # noqa: E731
    close(c.ellipse(0, 0, 0.25, 0.25)[:, :, 1:], [[0.25, 0.75], [diagonal - 0.25, np.hypot(1, 0.5) - 0.25]])
    close(c.box(0, 0, 0.5, 0.25), [[-0.25, 0, 0.5], [0.25, 0.25, np.hypot(0.5, 0.25)]])
    close(c.stroke(0, 0, 0.5, 0, 0.2), [[-0.1, -0.1, 0.4], [0.4, 0.4, diagonal - 0.1]])
    close(c.below(0.25) + 0 * c.x, [[0.25] * 3, [-0.25] * 3])


@pytest.mark.parametrize(("rx", "ry"), [(0.2, 0.8), (0.7, 0.1)])
def test_an_ellipses_distance_is_right_near_its_edge(rx, ry):
    c, t = Canvas(1, 2), np.linspace(0.1, 6.2, 50)
    normal = np.stack([np.cos(t) / rx, np.sin(t) / ry]) / np.hypot(np.cos(t) / rx, np.sin(t) / ry)
    for step in (-1e-3, 1e-3):
        c.x, c.y = np.stack([rx * np.cos(t), ry * np.sin(t)])[:, None, None] + step * normal[:, None, None]
        np.testing.assert_allclose(c.ellipse(0, 0, rx, ry).ravel(), step, rtol=0.15)


def test_zoom_looks_closer_at_the_same_shape():
    c = Canvas(1, 64)
    c.zoom(0.8, 0.1)
    covered = c.coverage(c.ellipse(0, 0, 0.5, 0.5))[0]
    assert covered.sum() * c.pixel**2 == pytest.approx(np.pi * 0.25, rel=0.01)
    rows = np.arange(64) + 0.5
    centre = (covered.sum(axis=1) * rows).sum() / covered.sum()
    assert centre == pytest.approx(32 - 0.1 / 0.8 * 32, abs=0.1), "the frame's centre went down, the shape up"


@pytest.mark.parametrize("softness", [0.0, 0.1, 0.4])
def test_softness_blurs_an_edge_without_moving_it(softness):
    c = Canvas(1, 64)
    covered = c.coverage(c.below(0.1), softness).ravel()
    assert covered.sum() * c.pixel == pytest.approx(0.9, abs=1e-3)
    assert (np.diff(covered) >= 0).all()
    assert ((covered > 0) & (covered < 1)).sum() * c.pixel == pytest.approx(softness, abs=2 * c.pixel)


def test_shapes_of_a_batch_are_those_of_single_images():
    cx, rx = np.array([-0.3, 0.2, 0.5]), np.array([0.1, 0.3, 0.6])
    together = Canvas(3, 16).ellipse(cx, 0, rx, 0.4)
    assert together.shape == (3, 16, 16)
    for k in range(3):
        np.testing.assert_array_equal(together[k], Canvas(1, 16).ellipse(cx[k : k + 1], 0, rx[k : k + 1], 0.4)[0])


def test_paint_lays_colour_over_by_coverage():
    c = Canvas(1, 2)
    c.paint(np.array([[1.0, 0.5, 0.25]]), np.array([[[0, 0.5], [1, 1]]]))
    c.paint(np.array([[0.0, 0.5, 0.75]]), np.array([[[0, 0], [0, 0.5]]]))
    expected = [[[0, 0, 0], [0.5, 0.25, 0.125]], [[1, 0.5, 0.25], [0.5, 0.5, 0.5]]]
    np.testing.assert_allclose(c.image[0], expected, atol=1e-6)


def test_shade_multiplies_brightness_by_coverage():
    c = Canvas(1, 2)
    c.image[:] = 0.8
    c.shade(np.float32(0.5), np.array([[[0, 0.5], [1, 1]]]))
    np.testing.assert_allclose(c.image[0, ..., 0], [[0.8, 0.6], [0.4, 0.4]], atol=1e-6)


def test_finish_averages_boxes_and_clips():
    c = Canvas(1, 4)
    c.image[0, :2, :2] = np.array([[0, 1], [1, 0]])[..., None]
    c.image[0, 2:, 2:] = 3
    assert c.finish()[0, ..., 0].tolist() == [[128, 0], [0, 255]]


def test_chunks_give_what_single_images_give(monkeypatch):
    def draw(c, table):
        c.paint(table[["r", "g", "b"]].to_numpy(np.float32), c.coverage(c.ellipse(0, 0, table.r.to_numpy(), 0.5)))

    table = pd.DataFrame(np.random.default_rng(0).random((10, 3)), columns=["r", "g", "b"])
    whole = render_in_chunks(draw, table, 8)
    monkeypatch.setattr(canvas, "CHUNK", 3)
    assert whole.shape == (10, 8, 8, 3) and (render_in_chunks(draw, table, 8) == whole).all()


def test_mix_interpolates():
    a, b = np.array([[0.0, 0.2, 1.0]] * 3), np.array([[1.0, 0.4, 0.0]] * 3)
    np.testing.assert_allclose(mix(a, b, np.array([0, 0.25, 1])), [a[0], [0.25, 0.25, 0.75], b[0]], atol=1e-6)
    np.testing.assert_allclose(mix(a, b, 0.5), [[0.5, 0.3, 0.5]] * 3, atol=1e-6)


def test_palette_passes_its_stops_linearly():
    stops = [(0, 0, 1), (1, 0.5, 0), (0, 1, 0.5)]
    expected = [stops[0], (0.5, 0.25, 0.5), stops[1], (0.5, 0.75, 0.25), stops[2]]
    np.testing.assert_allclose(palette(stops, np.array([0, 0.25, 0.5, 0.75, 1])), expected, atol=1e-6)


def test_hsv_is_that_of_the_standard_library():
    h, s, v = np.random.default_rng(0).random((3, 500))
    expected = [colorsys.hsv_to_rgb(*values) for values in zip(h, s, v, strict=True)]
    np.testing.assert_allclose(hsv(h, s, v), expected, atol=1e-5)
    np.testing.assert_allclose(hsv(np.array([0, 1 / 3, 1.0]), 1, 1), [[1, 0, 0], [0, 1, 0], [1, 0, 0]], atol=1e-5)
