"""Portraits: CelebA-HQ's marginals, a pure renderer, edits that touch only what they should."""

import numpy as np
import pytest

from insm.datasets.portraits import IDENTITY

MARGINALS = {  # per cent, in label order
    "Black_Hair": 23.2, "Blond_Hair": 17.7, "Brown_Hair": 22.1, "Bangs": 17.5, "Smiling": 47.3,
    "Male": 37.2, "No_Beard": 80.4, "Young": 78.3, "Pale_Skin": 5.2, "Eyeglasses": 4.9,
}  # fmt: skip
HAIR = ["Black_Hair", "Blond_Hair", "Brown_Hair"]


@pytest.fixture(scope="module")
def people(portraits):
    return portraits.sample(20_000, np.random.default_rng(0))


@pytest.fixture(scope="module")
def table(people):
    return people[:100]


@pytest.fixture(scope="module")
def images(portraits, table):
    return portraits.render(table, 32)


@pytest.fixture
def change(portraits, table, images):
    """Largest change of any channel [N, 32, 32] when the named columns are set to the given values."""

    def of(**columns):
        return np.abs(portraits.render(table.assign(**columns), 32).astype(int) - images).max(axis=-1)

    return of


def test_attributes_are_in_celebas_order(portraits):
    assert portraits.attributes == tuple(MARGINALS)


def test_sample_is_reproducible_and_typed(portraits, table):
    assert portraits.sample(20_000, np.random.default_rng(0))[:100].equals(table)
    assert list(table) == [*MARGINALS, *IDENTITY]
    assert (table[list(MARGINALS)].dtypes == np.uint8).all() and (table[list(IDENTITY)].dtypes == np.float32).all()


@pytest.mark.parametrize("name", MARGINALS)
def test_marginals_are_those_of_celeba_hq(people, name):
    assert 100 * people[name].mean() == pytest.approx(MARGINALS[name], abs=1.5)


def test_hair_colours_exclude_each_other(people):
    assert people[HAIR].sum(axis=1).max() == 1


def test_only_men_have_beards(people):
    assert people[people.Male == 0].No_Beard.all()
    assert 0 < people[people.Male == 1].No_Beard.mean() < 1


def test_identity_is_independent_of_the_attributes(people):
    correlation = np.corrcoef(people.to_numpy(float), rowvar=False)[: len(MARGINALS), len(MARGINALS) :]
    assert np.abs(correlation).max() < 0.03


def test_builds_are_deterministic_and_splits_differ(portraits):
    one, two, other, seeded = (
        portraits.build(split, 6, 32, seed) for split, seed in [("train", 1), ("train", 1), ("test", 1), ("train", 2)]
    )
    assert (one.images == two.images).all() and one.table.equals(two.table)
    for different in (other, seeded):
        assert (one.images != different.images).any(axis=(1, 2, 3)).all()


def test_a_image_depends_on_its_row_alone(portraits, table, images):
    assert images.shape == (100, 32, 32, 3) and images.dtype == np.uint8
    some = np.random.default_rng(1).permutation(100)[:30]
    assert (portraits.render(table.iloc[some], 32) == images[some]).all()
    assert portraits.render(table[:0], 32).shape == (0, 32, 32, 3)


def test_the_counterfactual_with_the_same_labels_is_the_image(portraits, table, images):
    assert (portraits.counterfactual(table, table[list(MARGINALS)].to_numpy(), 32) == images).all()


@pytest.mark.parametrize("name", MARGINALS)
def test_toggling_an_attribute_changes_every_image(change, table, name):
    cleared = dict.fromkeys(HAIR, 0) if name in HAIR else {}
    changed = change(**cleared | {name: 1 - table[name]}) > 8
    assert changed.sum(axis=(1, 2)).min() >= 10, "pixels"


@pytest.mark.parametrize(
    ("name", "rows"),
    [("Smiling", slice(16, 27)), ("Bangs", slice(0, 18)), ("Eyeglasses", slice(8, 20)), ("No_Beard", slice(15, 29))],
)
def test_local_attributes_change_only_their_part_of_the_face(change, table, name, rows):
    changed = change(**{name: 1 - table[name]})
    changed[:, rows] = 0
    assert changed.max() == 0


@pytest.mark.parametrize("name", MARGINALS)
def test_no_attribute_changes_the_background(change, table, name):
    changed = change(**{name: 1 - table[name]})
    assert changed[:, :3, :3].max() == 0 and changed[:, :3, -3:].max() == 0


def test_hair_colours_look_as_they_are_called(portraits, table):
    colours = {}
    for name in HAIR:
        rows = table.assign(**dict.fromkeys(HAIR, 0) | {name: 1, "Young": 1})
        colours[name] = portraits.render(rows, 32)[:, 4:7, 14:18].mean(axis=(1, 2))
    black, blond, brown = (colours[name] for name in HAIR)
    assert (black.mean(axis=1) < brown.mean(axis=1)).all() and (brown.mean(axis=1) < blond.mean(axis=1)).all()
    assert (blond[:, 0] > blond[:, 2] + 40).all(), "yellow: more red than blue"


def test_portraits_look_the_same_at_any_size(portraits, table, images):
    large = portraits.render(table[:20], 128).reshape(-1, 32, 4, 32, 4, 3).mean(axis=(2, 4))
    assert np.abs(large - images[:20]).mean(axis=(1, 2, 3)).max() < 2
