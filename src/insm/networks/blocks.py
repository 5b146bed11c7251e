"""Pieces that several networks share."""

import math
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

Init = Literal["normal", "he", "default"]
Upsample = Literal["transposed", "nearest"]


def tile_label(image: Tensor, label: Tensor) -> Tensor:
    """Concatenate the label to the image on every pixel: [B, C, H, W], [B, A] -> [B, C + A, H, W]."""
    planes = label.to(image)[:, :, None, None].expand(-1, -1, *image.shape[2:])
    return torch.cat([image, planes], dim=1)


def upsampling(kind: Upsample, wide: int, narrow: int, bias: bool) -> list[nn.Module]:
    """Layers that double the resolution, [B, wide, H, W] -> [B, narrow, 2H, 2W].

    "transposed": a transposed convolution k4s2. "nearest": repeat pixels, then convolve k3, which Odena et al.
    (Distill, 2016) recommend against checkerboards.
    """
    if kind == "transposed":
        return [nn.ConvTranspose2d(wide, narrow, 4, 2, 1, bias=bias)]
    return [nn.Upsample(scale_factor=2), nn.Conv2d(wide, narrow, 3, 1, 1, bias=bias)]


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
