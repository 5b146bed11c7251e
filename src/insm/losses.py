"""Loss functions shared by methods. Logits are raw discriminator outputs d, with D = sigmoid(d)."""

import torch.nn.functional as F
from torch import Tensor


def per_sample(values: Tensor) -> Tensor:
    """Mean over everything but the batch: [B, ...] -> [B]."""
    return values.flatten(1).mean(dim=1)


def minus_log_real(logits: Tensor) -> Tensor:
    """-log D = softplus(-d), patch mean: logits [B, 1, h, w] -> [B]."""
    return per_sample(F.softplus(-logits))


def minus_log_fake(logits: Tensor) -> Tensor:
    """-log(1 - D) = softplus(d), patch mean: logits [B, 1, h, w] -> [B]."""
    return per_sample(F.softplus(logits))


def l1(a: Tensor, b: Tensor) -> Tensor:
    """Mean absolute difference, a scalar."""
    return (a - b).abs().mean()
