"""What all methods share: learning rates over a run, weights of loss terms."""

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


def test_a_term_without_a_lambda_weighs_one():
    assert MethodConfig(method="any").weight("adv") == 1.0
