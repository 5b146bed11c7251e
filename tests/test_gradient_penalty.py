"""WGAN-GP's gradient penalty against critics whose slopes are known."""

import torch

from insm.losses import gradient_penalty
from insm.runtime import generator


def test_penalty_of_a_linear_critic_is_that_of_its_norm():
    w = torch.randn(3, 4, 4, generator=generator(0))
    one, other = torch.zeros(5, 3, 4, 4), torch.ones(5, 3, 4, 4)
    got = gradient_penalty(lambda x: (w * x).sum(dim=(1, 2, 3)), one, other, generator(1))
    torch.testing.assert_close(got, (w.norm() - 1) ** 2)


def test_penalty_is_taken_on_the_lines_with_one_number_a_picture():
    one, other = torch.randn(2, 5, 3, 4, 4, generator=generator(0), dtype=torch.float64)
    seen = []
    critic = lambda x: (seen.append(x.detach()), (x**2).sum(dim=(1, 2, 3)) / 2)[1]  # noqa: E731
    got = gradient_penalty(critic, one, other, generator(1))  # the slope of |x|^2 / 2 is x
    torch.testing.assert_close(got, ((seen[0].flatten(1).norm(dim=1) - 1) ** 2).mean())
    share = ((seen[0] - other) / (one - other)).flatten(1)
    torch.testing.assert_close(share, share[:, :1].expand_as(share))
    assert share.min() >= 0 and share.max() <= 1 and share[:, 0].unique().numel() == 5


def test_penalty_sums_a_map_of_scores():
    one, other = torch.zeros(2, 1, 1, 1), torch.ones(2, 1, 1, 1)
    got = gradient_penalty(lambda x: x.expand(-1, 1, 2, 2), one, other, generator(0))
    assert got.item() == (4 - 1) ** 2


def test_penalty_draws_from_the_generator_and_trains_only_the_critic():
    w = torch.ones(1, 3, 4, 4, requires_grad=True)
    one, other = (torch.randn(5, 3, 4, 4, generator=generator(seed)).requires_grad_() for seed in (3, 4))
    first, again, third = (
        gradient_penalty(lambda x: (w * x**2).sum(dim=(1, 2, 3)), one, other, generator(seed)) for seed in (1, 1, 2)
    )
    assert first == again != third
    first.backward()
    assert w.grad.abs().sum() > 0 and one.grad is None and other.grad is None


def test_a_flat_critic_has_a_penalty_of_one_and_a_finite_gradient():
    w = torch.zeros(3, requires_grad=True)
    image = torch.rand(2, 3, 2, 2)
    penalty = gradient_penalty(lambda x: (w * x.mean(dim=(2, 3))).sum(1), image, image, generator(0))
    penalty.backward()
    assert penalty.item() == 1 and w.grad.isfinite().all()
