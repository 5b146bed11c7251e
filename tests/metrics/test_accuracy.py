"""Accuracy and preservation on examples counted by hand."""

import numpy as np

from insm.metrics.accuracy import edit_accuracy, group_means, preservation

SOURCE = np.array([[0, 0, 1], [1, 0, 0]], dtype=np.uint8)
TARGETS = np.array([[[1, 0, 1], [0, 0, 0]], [[0, 1, 1], [1, 1, 0]], [[0, 0, 0], [1, 0, 1]]], dtype=np.uint8)
PREDICTED = np.array([[[1, 1, 1], [1, 0, 0]], [[0, 0, 1], [1, 0, 1]], [[0, 0, 0], [1, 0, 1]]], dtype=bool)


def test_edit_accuracy_counts_the_edited_bit():
    assert edit_accuracy(PREDICTED, TARGETS).tolist() == [0.5, 0.0, 1.0]


def test_preservation_counts_the_bits_that_an_edit_leaves_alone():
    assert preservation(PREDICTED, SOURCE, TARGETS).tolist() == [0.75, 0.75, 1.0]


def test_perfect_and_opposite_predictions():
    for predicted, share in ((TARGETS.astype(bool), 1.0), (~TARGETS.astype(bool), 0.0)):
        assert (edit_accuracy(predicted, TARGETS) == share).all() and (
            preservation(predicted, SOURCE, TARGETS) == share
        ).all()


def test_one_bit_has_nothing_to_preserve():
    assert np.isnan(preservation(np.ones((1, 4, 1), dtype=bool), np.zeros((4, 1)), np.ones((1, 4, 1)))).all()


def test_bits_that_change_with_the_edited_one_do_not_count():
    """Blond on clears Black: only Smiling is left to preserve."""
    source, target = np.array([[1, 0, 1]]), np.array([[[0, 0, 1]], [[0, 1, 1]], [[1, 0, 0]]])
    misread = np.array([[[0, 0, 1]], [[1, 1, 1]], [[0, 1, 0]]], dtype=bool)
    assert preservation(misread, source, target).tolist() == [1.0, 1.0, 0.0]


def test_group_means():
    assert group_means({"a": 0.2, "b": 0.4, "c": 1.0}, {"both": ("a", "b"), "c": ("c",)}) == {
        "both": 0.30000000000000004,
        "c": 1.0,
    }
