"""StarGAN's residual generator (Choi et al., CVPR 2018), the label tiled at its input.

At 128 and 256 px: width 64, 2 downsamplings, 6 blocks. Smaller images use the same design with smaller numbers.
Zero padding everywhere is load-bearing: a constant label plane followed by instance normalisation is erased except
at the padded border, hence also the option to leave the first convolution without normalisation.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Literal

import torch
from pydantic import PositiveInt
from torch import Tensor, nn

from insm.networks.blocks import Init, InstanceNorm2d, Upsample, convolve_tiled, upsampling
from insm.support.schema import Section

FirstNorm = Literal["none", "in", "bn"]
Output = Literal["tanh", "residual", "masked"]
Norm = Callable[[int], nn.Module]  # channels -> layer
KEEP = 1.0  # initial mask logit of "masked": an untrained generator keeps about 73 % of its input


class GeneratorConfig(Section):
    """StarGAN's residual generator."""

    width: PositiveInt = 64
    """Channels of the first convolution."""
    downs: PositiveInt = 2
    """Downsamplings, each doubling the channels."""
    blocks: PositiveInt = 6
    """Residual blocks at the lowest resolution."""
    kernel: Literal[3, 5, 7] = 7
    """Width of the first and last convolutions, pixels."""
    first_norm: FirstNorm = "none"
    """Normalisation after the first convolution; "in" erases a constant label plane but for the padded border."""
    init: Init = "normal"
    """Initial weights: from N(0, 0.02), He normal, or torch's default."""
    output: Output = "tanh"
    """"tanh" makes a new image; "residual" adds its output to the input; "masked" also says where to keep the input."""
    upsample: Upsample = "transposed"
    """Transposed convolutions k4s2, or "nearest": repeat pixels, then convolve k3 (less noise, no checkerboard)."""


def instance_norm(channels: int) -> nn.Module:
    """Instance norm with a learnt scale and shift, no running statistics."""
    return InstanceNorm2d(channels, affine=True)


class ResidualBlock(nn.Module):
    """x + norm(conv(ReLU(norm(conv(x))))), no activation after the sum; [B, C, H, W] -> the same."""

    def __init__(self, channels: int, norm: Norm = instance_norm, bias: bool = False):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, 1, 1, bias=bias),
            norm(channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, 1, 1, bias=bias),
            norm(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class ResnetGenerator(nn.Module):
    """(image [B, 3, S, S] in [-1, 1], label [B, A]) -> image [B, 3, S, S].

    With the output "residual" the sum may leave [-1, 1]; "masked" is m x + (1 - m) tanh(.), as GANimation does
    (Pumarola et al., 2018). A first convolution without normalisation has a bias instead.

    Args:
        norm: normalisation of the hidden layers, and of the first where `first_norm` is "in".
        bias: whether every convolution has a bias.
    """

    def __init__(self, n_attr: int, config: GeneratorConfig, norm: Norm = instance_norm, bias: bool = False):
        super().__init__()
        self.output = config.output
        width, kernel, first_norm = config.width, config.kernel, config.first_norm
        widths = [width * 2**k for k in range(config.downs + 1)]
        first_bias = bias or first_norm == "none"
        layers: list[nn.Module] = [nn.Conv2d(3 + n_attr, width, kernel, 1, kernel // 2, bias=first_bias)]
        if first_norm != "none":
            layers += [norm(width) if first_norm == "in" else nn.BatchNorm2d(width)]
        layers += [nn.ReLU(inplace=True)]
        for narrow, wide in pairwise(widths):
            layers += [nn.Conv2d(narrow, wide, 4, 2, 1, bias=bias), norm(wide), nn.ReLU(inplace=True)]
        layers += [ResidualBlock(widths[-1], norm, bias) for _ in range(config.blocks)]
        for wide, narrow in pairwise(reversed(widths)):
            layers += [upsampling(config.upsample, wide, narrow, bias), norm(narrow), nn.ReLU(inplace=True)]
        layers += [nn.Conv2d(width, 4 if self.output == "masked" else 3, kernel, 1, kernel // 2, bias=bias)]
        self.layers = nn.Sequential(*layers)

    def forward(self, image: Tensor, label: Tensor) -> Tensor:
        first, *layers = self.layers
        painted = convolve_tiled(first, image, label)
        for layer in layers:
            painted = layer(painted)
        match self.output:
            case "tanh":
                return painted.tanh()
            case "residual":
                return image + painted
            case "masked":
                keep = torch.sigmoid(painted[:, 3:] + KEEP)
                return keep * image + (1 - keep) * painted[:, :3].tanh()
