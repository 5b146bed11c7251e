"""What all methods share: learning rates over a run, weights of loss terms."""

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


class Weighted(MethodConfig):
    """One term of weight 1, one with a field."""

    unit_terms: ClassVar[frozenset[str]] = frozenset({"adv"})
    lambda_rec: float = 3.0


def test_weights_of_terms():
    config = Weighted(method="any")
    assert (config.weight("adv"), config.weight("rec")) == (1.0, 3.0)
    with pytest.raises(KeyError, match="lambda_cyc"):
        config.weight("cyc")
