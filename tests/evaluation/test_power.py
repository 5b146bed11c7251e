"""Power against a textbook and against simulated studies."""

import numpy as np
import pytest

from insm.evaluation.contrasts import contrast
from insm.evaluation.power import planned, power, power_of_equivalence


def test_power_of_students_test():
    """Two groups of 64, a difference of half a standard deviation, 5 %: 80 % (Cohen 1988, table 2.3.5)."""
    estimate = planned([1, -1], 64, 1, 0, 10, 0, 1, pooled=True)
    assert estimate.dof == 126 and power(estimate, 0.5, 0.05) == pytest.approx(0.80, abs=0.005)


def test_power_and_detectable_difference_agree():
    estimate = planned([1, -1], 10, 1.9, 13, 6000, 0.5, 3)
    assert power(estimate, estimate.detectable(0.05, 0.8), 0.05) == pytest.approx(0.8, abs=0.01)


def test_planned_studies_come_out_as_planned():
    """Simulated studies with trainings, images and classifiers: as many find the difference as the formula says."""
    rng, found, equal, studies = np.random.default_rng(0), 0, 0, 800
    estimate = planned([1, -1], 8, 1.0, 4.0, 60, 0.3, 3)
    for _ in range(studies):
        noise = {
            name: rng.normal(0, 1, (8, 1, 1)) + rng.normal(0, 0.3 / 2**0.5, (1, 3, 1)) + rng.normal(0, 4 / 2**0.5, 60)
            for name in "ab"
        }
        estimated = contrast(noise | {"a": noise["a"] + 2.0}, {"a": 1, "b": -1})
        found += estimated.p_above() < 0.025
        equal += contrast(noise, {"a": 1, "b": -1}).p_equivalent(2.5) < 0.05
    assert found / studies == pytest.approx(power(estimate, 2.0, 0.05), abs=0.06)
    assert equal / studies == pytest.approx(power_of_equivalence(estimate, 2.5, 0.05), abs=0.06)


def test_no_equivalence_without_room():
    wide = planned([1, -1], 3, 5, 10, 100, 0, 1)
    assert power_of_equivalence(wide, 2, 0.05) == 0
    assert power_of_equivalence(planned([1, -1], 10**4, 1, 0, 10, 0, 1), 2, 0.05) == pytest.approx(1)
