"""Switchable normalisation (Luo et al., ICLR 2019): a learnt mixture of instance, layer and batch statistics."""

import torch
from torch import Tensor, nn

from insm.losses.gan import full

EPSILON = 1e-5
MOMENTUM = 0.1  # weight of the newest batch in the running statistics


class SwitchableNorm2d(nn.Module):
    """[B, C, H, W] -> the same, scaled and shifted per channel.

    Mean and variance are each a convex combination (softmax of three weights) of those of the channel in the image,
    of the image, and of the channel in the batch. In evaluation mode the batch's statistics are running averages,
    so every image is normalised alone.
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.mean_mixture = nn.Parameter(torch.ones(3))
        self.var_mixture = nn.Parameter(torch.ones(3))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        x = full(x)
        instance = x.mean(dim=(2, 3)), x.var(dim=(2, 3), correction=0)  # [B, C]
        layer = pooled(*instance, dim=1)  # [B, 1]
        batch = self.batch_statistics(*instance)  # [1, C]
        mean = mixed(self.mean_mixture, instance[0], layer[0], batch[0])
        var = mixed(self.var_mixture, instance[1], layer[1], batch[1])
        scale = self.weight / (var + EPSILON).sqrt()  # [B, C]
        shift = self.bias - mean * scale
        return x * scale[:, :, None, None] + shift[:, :, None, None]

    def batch_statistics(self, mean: Tensor, var: Tensor) -> tuple[Tensor, Tensor]:
        """Of the batch whose instance statistics [B, C] are given, while training; the running ones otherwise."""
        if not self.training:
            return self.running_mean[None], self.running_var[None]
        mean, var = pooled(mean, var, dim=0)
        with torch.no_grad():
            self.running_mean.lerp_(mean[0], MOMENTUM)
            self.running_var.lerp_(var[0], MOMENTUM)
        return mean, var


def pooled(mean: Tensor, var: Tensor, dim: int) -> tuple[Tensor, Tensor]:
    """Mean and variance of equally large groups taken together: within + between, never negative by rounding."""
    return mean.mean(dim, keepdim=True), var.mean(dim, keepdim=True) + mean.var(dim, correction=0, keepdim=True)


def mixed(weights: Tensor, *statistics: Tensor) -> Tensor:
    """Convex combination by the softmax of `weights`."""
    return sum(w * x for w, x in zip(weights.softmax(0), statistics, strict=True))
