"""Vistas: rows are reproducible, the season is balanced, and flipping it repaints the same place."""

import numpy as np
import pandas as pd
import pytest

from insm.datasets.drawing.canvas import Canvas, column
from insm.datasets.vistas import IDENTITY, Vistas, look


@pytest.fixture(scope="module")
def vistas() -> Vistas:
    return Vistas()


@pytest.fixture(scope="module")
def table(vistas: Vistas) -> pd.DataFrame:
    return vistas.sample(40, np.random.default_rng(7))


def in_season(vistas: Vistas, table: pd.DataFrame, summer: int, size: int = 32) -> np.ndarray:
    return vistas.counterfactual(table, np.full((len(table), 1), summer), size)


def test_sample_is_reproducible_and_typed(vistas, table):
    pd.testing.assert_frame_equal(table, vistas.sample(40, np.random.default_rng(7)))
    assert list(table) == ["Summer", *IDENTITY]
    assert table.Summer.dtype == np.uint8
    assert (table[list(IDENTITY)].dtypes == np.float32).all()


@pytest.mark.parametrize("n", [1, 2, 9, 40])
def test_seasons_are_balanced(vistas, n):
    summers = int(vistas.sample(n, np.random.default_rng(n)).Summer.sum())
    assert abs(2 * summers - n) <= n % 2


def test_identity_is_independent_of_the_season(vistas):
    big = vistas.sample(4000, np.random.default_rng(0))
    assert big.corr().Summer.drop("Summer").abs().max() < 0.08


@pytest.mark.parametrize("size", [32, 64])
def test_render_gives_bytes_of_the_requested_size(vistas, table, size):
    images = vistas.render(table[:3], size)
    assert images.shape == (3, size, size, 3)
    assert images.dtype == np.uint8


def test_a_image_depends_on_its_row_alone(vistas, table):
    together = vistas.render(table, 32)
    np.testing.assert_array_equal(together, vistas.render(table, 32))
    np.testing.assert_array_equal(together[::-1], vistas.render(table[::-1], 32))
    np.testing.assert_array_equal(together[5:6], vistas.render(table[5:6], 32))


def test_no_rows_give_no_images(vistas, table):
    assert vistas.render(table[:0], 32).shape == (0, 32, 32, 3)


def test_flipping_twice_is_the_identity(vistas, table):
    labels = table[["Summer"]].to_numpy()
    there = table.assign(Summer=1 - table.Summer)
    np.testing.assert_array_equal(vistas.counterfactual(there, labels, 32), vistas.render(table, 32))


def test_flipping_changes_every_image_clearly(vistas, table):
    change = np.abs(in_season(vistas, table, 1).astype(float) - in_season(vistas, table, 0)).mean(axis=(1, 2, 3))
    assert change.min() > 12


def test_both_seasons_show_the_same_place(vistas, table):
    """Mountains and trees stay where they are: the two images' edges correlate, other places' edges do not."""
    edges = []
    for summer in (1, 0):
        grey = in_season(vistas, table, summer, 64).mean(axis=-1)[:, :40]  # above the water and the snowed-in meadow
        edge = np.hypot(np.diff(grey, axis=1)[:, :, 1:], np.diff(grey, axis=2)[:, 1:]).reshape(len(table), -1)
        edge = edge - edge.mean(axis=1, keepdims=True)
        edges.append(edge / np.linalg.norm(edge, axis=1, keepdims=True))
    likeness = edges[0] @ edges[1].T
    assert (likeness.argmax(axis=1) == np.arange(len(table))).all()
    assert (likeness.argmax(axis=0) == np.arange(len(table))).all()


def test_geometry_knows_no_season(table):
    """Depths and sky line come from the identity alone, and the land lies below the sky line."""
    canvas = Canvas(len(table), 64)
    depth, skyline = look(canvas, {name: column(table[name].to_numpy()) for name in IDENTITY})
    assert depth.shape == (40, 64, 64) and skyline.shape == (40, 1, 64)
    land = canvas.y > skyline
    assert 0.3 < land.mean() < 0.9
    nearer = (np.diff(depth, axis=1) <= 1e-3) | ~land[:, 1:]
    assert nearer.all()


def test_winter_is_whiter_but_no_single_colour_tells(vistas):
    table = vistas.sample(200, np.random.default_rng(3))
    summer, winter = (in_season(vistas, table, attribute).astype(float) / 255 for attribute in (1, 0))
    ground = slice(20, 32)
    chroma = [(p[:, ground].max(axis=-1) - p[:, ground].min(axis=-1)).mean(axis=(1, 2)) for p in (summer, winter)]
    assert (chroma[0] > chroma[1]).mean() > 0.95  # green and blue against white, place by place
    means = [p.mean(axis=(1, 2)) for p in (summer, winter)]
    for channel in range(3):
        assert means[0][:, channel].max() > means[1][:, channel].min()  # global colours overlap


def test_resolution_independence(vistas, table):
    fine = vistas.render(table, 128).reshape(len(table), 32, 4, 32, 4, 3).mean(axis=(2, 4))
    assert np.abs(fine - vistas.render(table, 32)).mean() < 4
