"""Edited attributes and attributes left alone, on examples counted by hand."""

import numpy as np

from insm.evaluation.metrics.accuracy import edit_hits, group_means, kept_labels

SOURCE = np.array([[0, 0, 1], [1, 0, 0]], dtype=np.uint8)
TARGETS = np.array([[[1, 0, 1], [0, 0, 0]], [[0, 1, 1], [1, 1, 0]], [[0, 0, 0], [1, 0, 1]]], dtype=np.uint8)
PREDICTED = np.array([[[1, 1, 1], [1, 0, 0]], [[0, 0, 1], [1, 0, 1]], [[0, 0, 0], [1, 0, 1]]], dtype=bool)


def test_the_edited_attribute_is_measured():
    assert edit_hits(PREDICTED, TARGETS).tolist() == [[True, False], [False, False], [True, True]]


def test_the_labels_that_an_edit_leaves_alone_are_counted():
    kept, left = kept_labels(PREDICTED, SOURCE, TARGETS)
    assert kept.tolist() == [[1, 2], [2, 1], [2, 2]] and (left == 2).all()


def test_perfect_and_opposite_predictions():
    for predicted, share in ((TARGETS.astype(bool), 1), (~TARGETS.astype(bool), 0)):
        kept, left = kept_labels(predicted, SOURCE, TARGETS)
        assert (edit_hits(predicted, TARGETS) == share).all() and (kept == share * left).all()


def test_one_attribute_has_nothing_to_preserve():
    kept, left = kept_labels(np.ones((1, 4, 1), dtype=bool), np.zeros((4, 1)), np.ones((1, 4, 1)))
    assert (left == 0).all() and (kept == 0).all()


def test_labels_that_change_with_the_edited_one_do_not_count():
    """Blond on clears Black: only Smiling is left to preserve."""
    source, target = np.array([[1, 0, 1]]), np.array([[[0, 0, 1]], [[0, 1, 1]], [[1, 0, 0]]])
    misread = np.array([[[0, 0, 1]], [[1, 1, 1]], [[0, 1, 0]]], dtype=bool)
    kept, left = kept_labels(misread, source, target)
    assert kept.tolist() == [[2], [1], [0]] and left.tolist() == [[2], [1], [2]]


def test_group_means():
    assert group_means({"a": 0.2, "b": 0.4, "c": 1.0}, {"both": ("a", "b"), "c": ("c",)}) == {
        "both": 0.30000000000000004,
        "c": 1.0,
    }
