"""Loss functions shared by methods. Logits are raw discriminator outputs d, with D = sigmoid(d)."""

import functools
import operator
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from insm.support.shapes import Float


def full(values: Tensor) -> Tensor:
    """Values of mixed precision as float32; all others as they are."""
    return values.float() if values.dtype == torch.bfloat16 else values


def per_sample(values: Float[Tensor, "B *rest"]) -> Float[Tensor, " B"]:
    """Mean over everything but the batch: [B, ...] -> [B]."""
    return values.flatten(1).mean(dim=1)


def total(terms: Iterable[Float[Tensor, ""]]) -> Float[Tensor, ""]:
    """Sum of at least one loss."""
    return functools.reduce(operator.add, terms)


def minus_log_real(logits: Float[Tensor, "B 1 h w"]) -> Float[Tensor, " B"]:
    """-log D = softplus(-d), patch mean: logits [B, 1, h, w] -> [B]."""
    return per_sample(F.softplus(-full(logits)))


def minus_log_fake(logits: Float[Tensor, "B 1 h w"]) -> Float[Tensor, " B"]:
    """-log(1 - D) = softplus(d), patch mean: logits [B, 1, h, w] -> [B]."""
    return per_sample(F.softplus(full(logits)))


def least_squares(logits: Float[Tensor, "B 1 h w"], goal: Tensor | float) -> Float[Tensor, "B 1 h w"]:
    """(d - goal)^2 (least-squares GAN, Mao et al., ICCV 2017), of every patch: logits [B, 1, h, w] -> the same."""
    return (full(logits) - goal).square()


def l1(a: Float[Tensor, "*shape"], b: Float[Tensor, "*shape"]) -> Float[Tensor, ""]:
    """Mean absolute difference, a scalar."""
    return (full(a) - full(b)).abs().mean()


def attribute_cross_entropy(
    logits: Float[Tensor, "B A"], labels: Float[Tensor, "B A"], over_attributes: Literal["sum", "mean"]
) -> Float[Tensor, ""]:
    """Binary cross-entropy of logits [B, A] with labels [B, A] in {0, 1}: sum or mean over attributes, batch mean.

    The sum is A times the mean, so a weight belongs to its convention.
    """
    mean = F.binary_cross_entropy_with_logits(full(logits), labels)
    return mean * logits.shape[1] if over_attributes == "sum" else mean


def penalty_places(n: int, rng: torch.Generator) -> Float[Tensor, "{n} 1 1 1"]:
    """A uniform place on each of n lines for `gradient_penalty`: [n, 1, 1, 1] in [0, 1)."""
    return torch.rand(n, 1, 1, 1, generator=rng)


def gradient_penalty(
    critic: Callable[[Tensor], Tensor],
    one: Float[Tensor, "B C H W"],
    other: Float[Tensor, "B C H W"],
    alpha: Float[Tensor, "B 1 1 1"],
) -> Float[Tensor, ""]:
    """WGAN-GP (Gulrajani et al., NeurIPS 2017): mean of (|d critic / d x| - 1)^2 on lines between images, a scalar.

    In float32 also where mixed precision is on.

    Args:
        critic: images [B, C, H, W] -> scores of any shape; a map of scores is summed, not averaged.
        one: images [B, C, H, W]; neither these nor `other` get a gradient.
        other: their partners [B, C, H, W], the other ends of the lines.
        alpha: [B, 1, 1, 1] in [0, 1], the place on each line: 1 is the end at `one` (`penalty_places` draws it).
    """
    alpha = alpha.to(one)
    between = (alpha * one + (1 - alpha) * full(other)).detach().requires_grad_()
    with nullcontext() if between.is_meta else torch.autocast(between.device.type, enabled=False):
        (slope,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    return ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()
