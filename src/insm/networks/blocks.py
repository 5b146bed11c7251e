"""Pieces that several networks share."""

import math
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrize

from insm.networks.switchable_norm import SwitchableNorm2d

Init = Literal["normal", "he", "default"]
Upsample = Literal["transposed", "nearest"]


def tile_label(image: Tensor, label: Tensor) -> Tensor:
    """Concatenate the label to the image on every pixel: [B, C, H, W], [B, A] -> [B, C + A, H, W]."""
    planes = label.to(image)[:, :, None, None].expand(-1, -1, *image.shape[2:])
    return torch.cat([image, planes], dim=1)


def convolve_tiled(conv: nn.Module, image: Tensor, label: Tensor) -> Tensor:
    """`conv(tile_label(image, label))` with fewer operations: [B, C, H, W], [B, A] -> [B, D, h, w].

    A convolution is linear, so what it makes of a label is the sum of what it makes of A constant planes, and those are
    the same for every image of a batch.
    """
    assert isinstance(conv, nn.Conv2d)
    weight, channels = conv.weight, image.shape[1]  # read once: spectral normalisation computes it at every use
    seen = conv._conv_forward(image, weight[:, :channels], conv.bias)
    plane = image.new_ones(1, 1, *image.shape[2:])
    kernels = weight[:, channels:].transpose(0, 1).flatten(0, 1).unsqueeze(1)  # [A D, 1, k, k]
    planes = conv._conv_forward(plane, kernels, None).view(label.shape[1], -1)  # [A, D h w]
    return torch.addmm(seen.flatten(1), label.to(seen), planes).view_as(seen)


class InstanceNorm2d(nn.GroupNorm):
    """torch.nn.InstanceNorm2d without running statistics, as group normalisation, which takes half the time on a CPU.

    Raises:
        ValueError: a map has a single value, which would be normalised to zero.
    """

    def __init__(self, channels: int, eps: float = 1e-5, affine: bool = False):
        super().__init__(channels, channels, eps, affine)

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[2] * x.shape[3] == 1:
            raise ValueError(f"Expected more than 1 spatial element, got input size {tuple(x.shape)}")
        return super().forward(x)


class UpsampledConv2d(nn.Conv2d):
    """Repeats every pixel 2 x 2 times, then convolves k3: [B, C, H, W] -> [B, D, 2H, 2W].

    Every output value looks at 2 x 2 different pixels, so this is a transposed convolution k4s2 whose weights are sums
    of those of the k3 convolution: 4 instead of 9 products. On maps up to 4 px the sums cost more than they save, and
    pixels are repeated.

    Args:
        padding_mode: what lies beyond the border of the repeated pixels: "zeros", or "reflect", which repeats its
            outermost pixel.
    """

    def __init__(self, wide: int, narrow: int, bias: bool, padding_mode: Literal["zeros", "reflect"] = "zeros"):
        super().__init__(wide, narrow, 3, bias=bias, padding_mode=padding_mode)

    def forward(self, x: Tensor) -> Tensor:
        if self.padding_mode == "zeros" and x.shape[-1] <= 4:
            return F.conv2d(F.interpolate(x, scale_factor=2.0), self.weight, self.bias, padding=1)
        padding = 1
        if self.padding_mode == "reflect":
            for axis in (2, 3):
                x = torch.cat([x.narrow(axis, 0, 1), x, x.narrow(axis, -1, 1)], dim=axis)
            padding = 3
        weight = F.pad(self.weight, (1, 1, 1, 1))
        weight = weight[:, :, 1:] + weight[:, :, :-1]
        weight = weight[..., 1:] + weight[..., :-1]
        return F.conv_transpose2d(x, weight.flip(2, 3).transpose(0, 1), self.bias, stride=2, padding=padding)


BATCH_NORMS = (nn.BatchNorm2d, SwitchableNorm2d)


def in_one_pass(network: nn.Module, *batches: tuple[Tensor, ...]) -> list[Tensor]:
    """The network's outputs for several batches of inputs, [B, ...] each.

    They are made in one pass unless a norm looks at the whole batch, which would then mix them.
    """
    if any(isinstance(module, BATCH_NORMS) for module in network.modules()):
        return [network(*batch) for batch in batches]
    made = network(*(torch.cat(column) for column in zip(*batches, strict=True)))
    return list(made.split([len(batch[0]) for batch in batches]))


def upsampling(kind: Upsample, wide: int, narrow: int, bias: bool) -> nn.Module:
    """A layer that doubles the resolution, [B, wide, H, W] -> [B, narrow, 2H, 2W].

    "transposed": a transposed convolution k4s2. "nearest": repeat pixels, then convolve k3, which Odena et al.
    (Distill, 2016) recommend against checkerboards.
    """
    if kind == "transposed":
        return nn.ConvTranspose2d(wide, narrow, 4, 2, 1, bias=bias)
    return UpsampledConv2d(wide, narrow, bias)


def initialise(module: nn.Module, init: Literal["normal", "he", "xavier", "default"]) -> None:
    """Draw the weights of all convolutions and linear layers; normalisations keep scale 1 and shift 0."""
    if init == "normal":
        init_normal(module)
    elif init == "he":
        init_fan_in(module, gain=2.0)
    elif init == "xavier":
        init_xavier(module)


def init_normal(module: nn.Module, std: float = 0.02) -> None:
    """N(0, std) for the weights of every convolution and linear layer, zero biases (CycleGAN's initialisation).

    Under spectral normalisation the weight before it is drawn: the one after it is computed anew at every use.
    """
    for layer in module.modules():
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            normalised = parametrize.is_parametrized(layer, "weight")
            name = "parametrizations.weight.original" if normalised else "weight"
            nn.init.normal_(layer.get_parameter(name), 0.0, std)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def init_xavier(module: nn.Module) -> None:
    """Xavier-uniform weights (Glorot & Bengio, AISTATS 2010), zero biases: TensorFlow-slim's initialisation."""
    for layer in module.modules():
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def init_fan_in(module: nn.Module, gain: float) -> None:
    """N(0, sqrt(gain / n)) weights with n inputs to each output, zero biases.

    A gain of 2 keeps the size of features through ReLUs (He et al., ICCV 2015), 1 through linear layers (LeCun et al.,
    1998). A transposed convolution counts the kernel times its output channels, as Keras and torch do.
    """
    for layer in module.modules():
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            nn.init.normal_(layer.weight, 0.0, math.sqrt(gain / layer.weight[0].numel()))
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
