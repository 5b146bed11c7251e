"""Losses against their definitions in float64."""

import pytest
import torch

from insm.losses import l1, minus_log_fake, minus_log_real, per_sample


@pytest.fixture
def logits():
    return torch.randn(4, 1, 5, 6, generator=torch.Generator().manual_seed(0)) * 6


def test_per_sample_averages_all_but_the_batch():
    values = torch.arange(24.0).view(2, 1, 3, 4)
    assert per_sample(values).tolist() == [5.5, 17.5]
    assert per_sample(torch.tensor([[1.0, 3.0], [5.0, 6.0]])).tolist() == [2.0, 5.5]


def test_log_probabilities(logits):
    real = torch.sigmoid(logits.double())
    torch.testing.assert_close(minus_log_real(logits).double(), -real.log().mean(dim=(1, 2, 3)), rtol=1e-5, atol=1e-6)
    fake = 1 - real
    torch.testing.assert_close(minus_log_fake(logits).double(), -fake.log().mean(dim=(1, 2, 3)), rtol=1e-5, atol=1e-6)


def test_an_undecided_discriminator_costs_log_2():
    for loss in (minus_log_real, minus_log_fake):
        torch.testing.assert_close(loss(torch.zeros(3, 1, 2, 2)), torch.full((3,), 2.0).log())


@pytest.mark.parametrize("d", [-1000.0, 1000.0])
def test_extreme_logits_stay_finite_with_useful_gradients(d):
    logits = torch.full((1, 1, 1, 1), d, requires_grad=True)
    for loss, wrong in ((minus_log_real, d < 0), (minus_log_fake, d > 0)):
        value = loss(logits)
        (gradient,) = torch.autograd.grad(value.sum(), logits)
        assert value.item() == (1000 if wrong else 0)
        assert abs(gradient.item()) == (1 if wrong else 0)


def test_l1_is_the_mean_absolute_difference():
    assert l1(torch.tensor([[1.0, -2.0]]), torch.tensor([[0.0, 1.0]])).item() == 2.0
