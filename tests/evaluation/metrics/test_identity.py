"""Cosine distance of embeddings."""

import numpy as np
import pytest

from insm.evaluation.metrics.identity import identity_distance


def test_known_angles():
    a = np.array([[1.0, 0], [0, 2], [3, 3], [0, 0]])
    b = np.array([[5.0, 0], [1, 0], [-1, -1], [1, 0]])
    assert identity_distance(a, b) == pytest.approx([0, 1, 2, 1]), "no direction: as far as a right angle"


def test_sets_of_edits_are_compared_with_the_same_people():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(3, 7, 5)), rng.normal(size=(7, 5))
    got = identity_distance(a, b)
    assert got.shape == (3, 7) and (got[1] == identity_distance(a[1], b)).all()
    assert identity_distance(7 * a, b) == pytest.approx(got)
