"""What all methods share: learning rates over a run, weights of loss terms."""

import math
from fractions import Fraction
from typing import ClassVar

import pytest

from insm.networks.method import MethodConfig
from insm.networks.optimiser import OptimiserConfig


@pytest.mark.parametrize(
    ("decay", "rates"),
    [
        ("none", {0: 1.0, 99_999: 1.0, 199_999: 1.0}),
        ("linear", {0: 1.0, 100_000: 1.0, 150_000: 0.5, 199_000: 0.01}),
        ("tenth", {0: 1.0, 99_999: 1.0, 100_000: 0.1, 199_999: 0.1}),
        ("released", {0: 1.0, 100_999: 1.0, 101_000: 1 - 1e-5, 150_000: 1 - 50e-5, 199_999: 1 - 99e-5}),
    ],
)
def test_learning_rates_over_a_run_of_200_000_steps(decay, rates):
    optimiser = OptimiserConfig(lr=1.0, lr_decay=decay)
    assert {step: optimiser.rate(step, 200_000) for step in rates} == pytest.approx(rates)


@pytest.mark.parametrize("total", [26, 200, 1000, 199_999])
def test_released_decrements_are_counted_exactly(total):
    """The k-th of 100 decrements comes after k hundredths of the second half."""
    optimiser = OptimiserConfig(lr=1.0, lr_decay="released")
    for step in range(total // 2, total, max(1, total // 500)):
        decrements = max(0, math.floor(100 * (Fraction(2 * step, total) - 1)))
        assert optimiser.rate(step, total) == 1 - decrements * 1e-5


class Weighted(MethodConfig):
    """One term of weight 1, one with a field."""

    unit_terms: ClassVar[frozenset[str]] = frozenset({"adv"})
    lambda_rec: float = 3.0


def test_weights_of_terms():
    config = Weighted(method="any")
    assert (config.weight("adv"), config.weight("rec")) == (1.0, 3.0)
    with pytest.raises(KeyError, match="lambda_cyc"):
        config.weight("cyc")
