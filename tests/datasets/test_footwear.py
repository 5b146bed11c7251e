"""Footwear: true pairs, a pure renderer, photos on white paper."""

import numpy as np
import pytest

from insm.datasets.drawing.edges import edge_maps
from insm.datasets.drawing.shoe import IDENTITY
from insm.datasets.footwear import STYLES, Footwear
from insm.support.errors import UserError

SHOES = Footwear()


@pytest.fixture(scope="module")
def table():
    return SHOES.sample(240, np.random.default_rng(0))


@pytest.fixture(scope="module")
def images(table):
    return SHOES.render(table, 32)


def test_rows_come_in_pairs_of_one_shoe(table):
    assert (table["Photo"] == np.arange(240) % 2).all() and table["Photo"].dtype == np.uint8
    assert (table["pair"] == np.arange(240) ^ 1).all() and table["pair"].dtype == np.int32
    identity = table[list(IDENTITY)]
    assert (identity.dtypes == np.float32).all() and identity.min().min() >= 0 and identity.max().max() <= 1
    assert (identity[::2].to_numpy() == identity[1::2].to_numpy()).all()
    assert len(identity.drop_duplicates()) == 120


def test_an_odd_count_is_refused():
    with pytest.raises(UserError, match="even, not 7"):
        SHOES.build("train", 7, 32, 0)


def test_edges_are_those_of_the_partner(table, images):
    assert images.shape == (240, 32, 32, 3) and images.dtype == np.uint8
    assert (images[::2] == edge_maps(images[1::2])).all()


def test_render_is_a_pure_function_of_the_row(table, images):
    some = np.random.default_rng(1).permutation(240)[:50]
    assert (SHOES.render(table.iloc[some], 32) == images[some]).all()
    assert SHOES.render(table.iloc[:0], 32).shape == (0, 32, 32, 3)


def test_the_counterfactual_of_a_row_is_its_partner(table, images):
    flipped = 1 - table[["Photo"]].to_numpy()
    assert (SHOES.counterfactual(table, flipped, 32) == images[table["pair"]]).all()


def test_builds_are_deterministic_and_splits_differ():
    one, two, other = (SHOES.build(split, 8, 32, 5) for split in ("train", "train", "test"))
    assert (one.images == two.images).all() and one.table.equals(two.table)
    assert (one.images != other.images).any(axis=(1, 2, 3)).all()


@pytest.mark.parametrize("size", [32, 128])
def test_shoes_lie_whole_on_white_paper(table, size):
    photos = SHOES.render(table[table["Photo"] == 1], size)
    border = np.concatenate([photos[:, 0], photos[:, -1], photos[:, :, 0], photos[:, :, -1]], axis=1)
    assert border.min() > 230, "only the shadow may reach the border"
    shoe = (photos < 240).any(axis=-1).mean(axis=(1, 2))
    assert (shoe > 0.06).all() and (shoe < 0.6).all()


def test_every_style_is_drawn_and_looks_the_same_at_any_size(table, images):
    photos = table[table["Photo"] == 1]
    style = np.searchsorted(np.cumsum(list(STYLES.values())), photos["style"], side="right")
    assert set(style) == set(range(len(STYLES))) and sum(STYLES.values()) == pytest.approx(1)
    large = SHOES.render(photos, 128).reshape(-1, 32, 4, 32, 4, 3).mean(axis=(2, 4))
    assert np.abs(large - images[1::2]).mean() < 4
