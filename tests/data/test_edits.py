"""Target labels of edits: one attribute toggled, exclusive attributes kept exclusive, labels of other images."""

from types import SimpleNamespace

import numpy as np

from insm.data.edits import permuted, toggled, with_values


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
        assert sorted(map(tuple, target)) == sorted(map(tuple, labels)), "full labels move"
    assert len({target.tobytes() for target in targets}) == 10
    assert (targets == permuted(labels)).all()
    assert permuted(labels[:, :1]).shape == (0, 24, 1)


HAIR = SimpleNamespace(name="hair", attributes=("Black", "Smiling", "Blond"), exclusive=(("Black", "Blond"),))


def test_values_are_set_and_groups_stay_exclusive():
    labels = np.array([[1, 0, 0], [0, 1, 1], [0, 0, 0]], dtype=np.uint8)
    assert with_values(labels, HAIR, {"Black": 1, "Smiling": 0}).tolist() == [[1, 0, 0], [1, 0, 0], [1, 0, 0]]
    assert with_values(labels, HAIR, {"Black": 0}).tolist() == [[0, 0, 0], [0, 1, 1], [0, 0, 0]]
    assert with_values(labels, HAIR, {}).tolist() == labels.tolist()


def test_an_attribute_that_stays_clears_nothing():
    """Photographs have some labels with two hair colours: they are left as published unless a colour is asked for."""
    both = np.array([[1, 0, 1]], dtype=np.uint8)
    assert with_values(both, HAIR, {"Smiling": 1}).tolist() == [[1, 1, 1]]
