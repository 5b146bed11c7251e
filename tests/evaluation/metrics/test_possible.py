"""Possible edits: only combinations that the training images hold."""

import numpy as np

from insm.data.dataset import load_dataset
from insm.data.edits import toggled
from insm.evaluation.metrics.possible import over_possible, possible_edits


def test_a_beard_on_a_woman_is_not_possible():
    portraits = load_dataset("portraits")
    train = portraits.build("train", 4000, 16, 2020).labels(portraits.attributes)
    test = portraits.build("test", 300, 16, 2020).labels(portraits.attributes)
    mask = possible_edits(toggled(test, portraits), train)
    male, beardless = portraits.attributes.index("Male"), portraits.attributes.index("No_Beard")
    woman, beard = test[:, male] == 0, test[:, beardless] == 0
    assert not mask[beardless, woman].any() and mask[beardless, ~woman].all()
    assert not mask[male, ~woman & beard].any() and mask[male, ~beard].all(), "no bearded man becomes a woman"
    others = [k for k in range(len(mask)) if k not in (male, beardless)]
    assert mask[others].mean() > 0.99, "whatever else"


def test_impossible_edits_have_no_value():
    values = over_possible(np.ones((2, 3)), np.array([[True, True, False], [False, True, True]]))
    assert np.isnan(values).tolist() == [[False, False, True], [True, False, False]]
