"""Single edits: one attribute toggled, hair colours kept exclusive. Combined edits: possible labels only."""

from types import SimpleNamespace

import numpy as np

from insm.data.edits import permuted, toggled, with_values
from insm.evaluation.combinations import changed, possible, several


def test_switching_a_colour_on_clears_the_others_and_off_leaves_none():
    dataset = SimpleNamespace(attributes=("Black", "Smiling", "Blond"), exclusive=(("Black", "Blond"),))
    labels = np.array([[1, 0, 0], [0, 1, 1], [0, 0, 0]], dtype=np.uint8)
    assert toggled(labels, dataset).tolist() == [
        [[0, 0, 0], [1, 1, 0], [1, 0, 0]],  # Black
        [[1, 1, 0], [0, 0, 1], [0, 1, 0]],  # Smiling
        [[0, 0, 1], [0, 1, 0], [0, 0, 1]],  # Blond
    ]


def test_portraits_edits_toggle_their_attribute_and_only_touch_hair_beside_it(split, portraits):
    labels = split.labels(portraits.attributes)
    before, targets = labels.copy(), toggled(labels, portraits)
    assert targets.shape == (10, 24, 10) and targets.dtype == np.uint8
    assert (labels == before).all(), "the argument is left alone"
    for k in range(10):
        changed = targets[k] != labels
        assert changed[:, k].all()
        changed[:, k] = False
        assert not changed[:, 3:].any() and (k < 3 or not changed.any())
    assert targets[:, :, :3].sum(axis=-1).max() == 1


def test_a_single_attribute_is_flipped():
    dataset = SimpleNamespace(attributes=("Photo",), exclusive=())
    assert toggled(np.array([[0], [1]], dtype=np.uint8), dataset).tolist() == [[[1], [0]]]


def test_permuted_labels_are_those_of_the_others(split, portraits):
    labels = split.labels(portraits.attributes)
    targets = permuted(labels)
    assert targets.shape == (10, 24, 10) and targets.dtype == np.uint8
    for target in targets:
        assert (np.sort(target, axis=0) == np.sort(labels, axis=0)).all() and (target != labels).any()
        assert sorted(map(tuple, target)) == sorted(map(tuple, labels)), "whole labels move"
    assert len({target.tobytes() for target in targets}) == 10
    assert (targets == permuted(labels)).all()
    assert permuted(labels[:, :1]).shape == (0, 24, 1)


# Several attributes at once.

HAIR = SimpleNamespace(name="hair", attributes=("Black", "Smiling", "Blond"), exclusive=(("Black", "Blond"),))


def test_values_are_set_and_groups_stay_exclusive():
    labels = np.array([[1, 0, 0], [0, 1, 1], [0, 0, 0]], dtype=np.uint8)
    assert with_values(labels, HAIR, {"Black": 1, "Smiling": 0}).tolist() == [[1, 0, 0], [1, 0, 0], [1, 0, 0]]
    assert with_values(labels, HAIR, {"Black": 0}).tolist() == [[0, 0, 0], [0, 1, 1], [0, 0, 0]]
    assert with_values(labels, HAIR, {}).tolist() == labels.tolist()


def test_a_attribute_that_stays_clears_nothing():
    """Photographs have some labels with two hair colours: they are left as published unless a colour is asked for."""
    both = np.array([[1, 0, 1]], dtype=np.uint8)
    assert with_values(both, HAIR, {"Smiling": 1}).tolist() == [[1, 1, 1]]


def test_labels_are_possible_if_any_two_values_occur_together():
    seen = np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0], [0, 0, 0]])
    assert possible(np.array([[0, 0, 1], [0, 1, 1], [0, 0, 0], [1, 1, 0]]), seen).tolist() == [True, False, True, False]
    pairs = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 1]])
    assert possible(np.array([[1, 1, 1]]), pairs).tolist() == [True], "the three together need not occur"
    assert possible(np.array([[1, 1]]), np.array([[1, 1]] + [[0, 0]] * 1999)).tolist() == [False], "a wrong label"


def test_nobody_is_asked_for_a_bearded_woman(portraits):
    seen = portraits.sample(4000, np.random.default_rng(0))[list(portraits.attributes)].to_numpy()
    woman = with_values(seen[:1], portraits, {"Male": 0, "No_Beard": 1})
    assert possible(seen, seen).mean() > 0.99
    assert possible(woman, seen).all()
    assert not possible(with_values(woman, portraits, {"No_Beard": 0}), seen).any()
    assert possible(with_values(woman, portraits, {"No_Beard": 0, "Male": 1}), seen).all()


def test_only_faces_that_all_values_change_are_eligible():
    labels = np.array([[1, 0, 0], [0, 1, 1], [0, 0, 0]], dtype=np.uint8)
    anything = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    assert changed(labels, HAIR, {"Black": 1, "Smiling": 1}, anything).tolist() == [False, False, True]
    dark_heads_never_smile = anything[anything[:, :2].sum(axis=1) < 2]
    assert not changed(labels, HAIR, {"Black": 1, "Smiling": 1}, dark_heads_never_smile).any()


def test_drawn_sets_are_changes_possible_and_the_same_again(portraits):
    seen = portraits.sample(4000, np.random.default_rng(0))[list(portraits.attributes)].to_numpy(np.uint8)

    def draw(seed):
        rng = np.random.default_rng(seed)
        return [several(row, portraits, 3, seen, rng) for row in seen[:100]]

    sets = draw(1)
    assert sets == draw(1) and sets != draw(2)
    hair = set(portraits.exclusive[0])
    for row, values in zip(seen, sets, strict=False):
        assert len(values) == 3 and len(hair & values.keys()) <= 1
        assert all(row[portraits.attributes.index(name)] == 1 - value for name, value in values.items())
        target = with_values(row[None], portraits, values)
        assert possible(target, seen).all()
        assert all(target[0, portraits.attributes.index(name)] == value for name, value in values.items())
    assert set().union(*sets) == set(portraits.attributes), "every attribute is drawn sometimes"


def test_an_impossible_target_edit_is_one_line(complains):
    with complains("hair", "3 attributes"):
        several(np.zeros(3, dtype=np.uint8), HAIR, 3, np.eye(3, dtype=np.uint8), np.random.default_rng(0))
