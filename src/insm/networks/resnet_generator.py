"""StarGAN's residual generator (Choi et al., CVPR 2018), the label tiled at its input.

At 128 and 256 px: width 64, 2 downsamplings, 6 blocks. Smaller pictures use the same design with smaller numbers.
Zero padding everywhere is load-bearing: a constant label plane followed by instance normalisation is erased except
at the padded border, hence also the option to leave the first convolution without normalisation.
"""

from itertools import pairwise
from typing import Literal

import torch
from pydantic import PositiveInt
from torch import Tensor, nn

from insm.networks.blocks import Init, tile_label
from insm.schema import Section

FirstNorm = Literal["none", "in", "bn"]
Output = Literal["tanh", "residual", "masked"]
Upsample = Literal["transposed", "nearest"]
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
    """Initial weights: from N(0, 0.02), or torch's default."""
    output: Output = "tanh"
    """"tanh" paints anew; "residual" adds its output to the input; "masked" also says where to keep the input."""
    upsample: Upsample = "transposed"
    """Transposed convolutions k4s2, or "nearest": repeat pixels, then convolve k3 (less noise, no checkerboard)."""


class ResidualBlock(nn.Module):
    """x + IN(conv(ReLU(IN(conv(x))))), no activation after the sum; [B, C, H, W] -> the same."""

    def __init__(self, channels: int):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False),
            nn.InstanceNorm2d(channels, affine=True),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False),
            nn.InstanceNorm2d(channels, affine=True),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class ResnetGenerator(nn.Module):
    """(picture [B, 3, S, S] in [-1, 1], label [B, A]) -> picture [B, 3, S, S].

    Args:
        kernel: odd width of the first and last convolutions; 7 at 128 and 256 px.
        first_norm: "in" normalises after the first convolution as StarGAN does, "bn" over the batch, which keeps the
            label; "none" gives the convolution a bias instead.
        output: "tanh" paints the picture anew, in [-1, 1]; "residual" adds the last layer's output to the
            input (the sum may leave [-1, 1]; small untrained networks nearly copy); "masked" also
            predicts where to keep the input, m x + (1 - m) tanh(.), as GANimation does (Pumarola et al., 2018).
    """

    def __init__(
        self,
        n_attr: int,
        width: int,
        downs: int,
        blocks: int,
        kernel: int,
        first_norm: FirstNorm,
        output: Output,
        upsample: Upsample,
    ):
        super().__init__()
        self.output = output
        widths = [width * 2**k for k in range(downs + 1)]
        layers: list[nn.Module] = [nn.Conv2d(3 + n_attr, width, kernel, 1, kernel // 2, bias=first_norm == "none")]
        if first_norm != "none":
            layers += [nn.InstanceNorm2d(width, affine=True) if first_norm == "in" else nn.BatchNorm2d(width)]
        layers += [nn.ReLU(inplace=True)]
        for narrow, wide in pairwise(widths):
            layers += _resample(nn.Conv2d(narrow, wide, 4, 2, 1, bias=False))
        layers += [ResidualBlock(widths[-1]) for _ in range(blocks)]
        for wide, narrow in pairwise(reversed(widths)):
            if upsample == "transposed":
                layers += _resample(nn.ConvTranspose2d(wide, narrow, 4, 2, 1, bias=False))
            else:  # as Odena et al. (Distill, 2016) advise
                layers += [nn.Upsample(scale_factor=2), *_resample(nn.Conv2d(wide, narrow, 3, 1, 1, bias=False))]
        layers += [nn.Conv2d(width, 4 if output == "masked" else 3, kernel, 1, kernel // 2, bias=False)]
        self.layers = nn.Sequential(*layers)

    def forward(self, image: Tensor, label: Tensor) -> Tensor:
        painted = self.layers(tile_label(image, label))
        match self.output:
            case "tanh":
                return painted.tanh()
            case "residual":
                return image + painted
            case "masked":
                keep = torch.sigmoid(painted[:, 3:] + KEEP)
                return keep * image + (1 - keep) * painted[:, :3].tanh()


def _resample(conv: nn.Conv2d | nn.ConvTranspose2d) -> list[nn.Module]:
    return [conv, nn.InstanceNorm2d(conv.out_channels, affine=True), nn.ReLU(inplace=True)]
