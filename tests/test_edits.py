"""Single edits: one bit toggled, hair colours kept exclusive."""

from types import SimpleNamespace

import numpy as np

from insm.edits import toggled


def test_switching_a_colour_on_clears_the_others_and_off_leaves_none():
    dataset = SimpleNamespace(attributes=("Black", "Smiling", "Blond"), exclusive=(("Black", "Blond"),))
    bits = np.array([[1, 0, 0], [0, 1, 1], [0, 0, 0]], dtype=np.uint8)
    assert toggled(bits, dataset).tolist() == [
        [[0, 0, 0], [1, 1, 0], [1, 0, 0]],  # Black
        [[1, 1, 0], [0, 0, 1], [0, 1, 0]],  # Smiling
        [[0, 0, 1], [0, 1, 0], [0, 0, 1]],  # Blond
    ]


def test_portraits_edits_toggle_their_bit_and_only_touch_hair_beside_it(pack, portraits):
    bits = pack.labels(portraits.attributes)
    before, targets = bits.copy(), toggled(bits, portraits)
    assert targets.shape == (10, 24, 10) and targets.dtype == np.uint8
    assert (bits == before).all(), "the argument is left alone"
    for k in range(10):
        changed = targets[k] != bits
        assert changed[:, k].all()
        changed[:, k] = False
        assert not changed[:, 3:].any() and (k < 3 or not changed.any())
    assert targets[:, :, :3].sum(axis=-1).max() == 1


def test_a_single_bit_is_flipped():
    dataset = SimpleNamespace(attributes=("Photo",), exclusive=())
    assert toggled(np.array([[0], [1]], dtype=np.uint8), dataset).tolist() == [[[1], [0]]]
