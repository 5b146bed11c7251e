"""Losses against their definitions in float64."""

import pytest
import torch

from insm.losses.gan import (
    attribute_cross_entropy,
    gradient_penalty,
    l1,
    least_squares,
    minus_log_fake,
    minus_log_real,
    penalty_places,
    per_sample,
)
from insm.support.runtime import generator

SHAPE = (4, 3, 2, 2)


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


def test_least_squares_of_every_patch():
    logits = torch.tensor([1.0, -2.0]).view(1, 1, 1, 2)
    assert least_squares(logits, 1).flatten().tolist() == [0.0, 9.0]


def test_l1_is_the_mean_absolute_difference():
    assert l1(torch.tensor([[1.0, -2.0]]), torch.tensor([[0.0, 1.0]])).item() == 2.0


def images(seed: int) -> torch.Tensor:
    return torch.randn(SHAPE, generator=generator(seed), dtype=torch.float64)


def places(seed: int) -> torch.Tensor:
    return penalty_places(SHAPE[0], generator(seed))


def test_a_linear_critic_is_punished_for_the_length_of_its_weights_wherever_it_is_asked():
    w = (3 * images(9)[0]).requires_grad_()
    penalty = gradient_penalty(lambda x: (w * x).sum(dim=(1, 2, 3)), images(0), images(1), places(0))
    length = w.detach().norm()
    torch.testing.assert_close(penalty, (length - 1) ** 2)
    (gradient,) = torch.autograd.grad(penalty, w)  # the second derivative of the critic
    torch.testing.assert_close(gradient, 2 * (length - 1) * w.detach() / length)


def test_a_map_is_summed_over_its_patches():
    single = lambda x: x.sum(dim=(1, 2, 3))  # noqa: E731
    patches = lambda x: single(x).view(-1, 1, 1, 1).expand(-1, 1, 2, 3)  # noqa: E731
    one, six = (gradient_penalty(c, images(0), images(1), places(0)).item() for c in (single, patches))
    assert one == pytest.approx((12**0.5 - 1) ** 2)
    assert six == pytest.approx((6 * 12**0.5 - 1) ** 2)


def test_the_point_lies_on_the_line_at_one_position_per_image():
    """For |x|^2 / 2 the gradient is the point itself."""
    one, other = images(0), images(1)
    seen = []

    def critic(x):
        seen.append(x.detach())
        return (x**2).sum(dim=(1, 2, 3)) / 2

    penalty = gradient_penalty(critic, one, other, places(0))
    alpha = (seen[0] - other) / (one - other)
    assert torch.allclose(alpha, alpha[:, :1, :1, :1].expand(SHAPE)) and ((alpha >= 0) & (alpha <= 1)).all()
    assert len(alpha[:, 0, 0, 0].unique()) == len(one)
    torch.testing.assert_close(penalty, ((seen[0].flatten(1).norm(dim=1) - 1) ** 2).mean())


def test_equal_random_numbers_give_equal_penalties_and_images_get_no_gradient():
    one, other = images(0).requires_grad_(), images(1)
    w = torch.ones((), requires_grad=True, dtype=torch.float64)
    first, second, third = (gradient_penalty(lambda x: w * x**2, one, other, places(k)) for k in (0, 0, 1))
    assert first == second != third
    first.backward()
    assert one.grad is None and w.grad != 0


def test_a_flat_critic_costs_one_and_its_gradient_is_finite():
    w = torch.zeros(SHAPE[1:], requires_grad=True, dtype=torch.float64)
    penalty = gradient_penalty(lambda x: (w * x).sum(dim=(1, 2, 3)), images(0), images(1), places(0))
    penalty.backward()
    assert penalty == 1 and w.grad.isfinite().all()


def test_labels_are_summed_and_images_averaged():
    logits = torch.tensor([[0.0, 2.0, -1.0], [3.0, 0.5, -2.0]], dtype=torch.float64)
    labels = torch.tensor([[1.0, 0.0, 0.0], [1.0, 1.0, 1.0]], dtype=torch.float64)
    probability = torch.sigmoid(logits)
    by_hand = -(labels * probability.log() + (1 - labels) * (1 - probability).log())
    torch.testing.assert_close(attribute_cross_entropy(logits, labels, "sum"), by_hand.sum() / 2)
    torch.testing.assert_close(attribute_cross_entropy(logits, labels, "mean"), by_hand.sum() / 6)
