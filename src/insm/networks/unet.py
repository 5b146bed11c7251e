"""Pix2pix's U-Net (Isola et al., CVPR 2017; Ronneberger et al., MICCAI 2015), down to a bottleneck of 1 x 1.

At 256 px it has 8 levels, at 128 px 7, at 32 px 5.
"""

from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F
from pydantic import Field, NonNegativeInt, PositiveInt
from torch import Tensor, nn

from insm.networks.blocks import Init, Upsample, upsampling
from insm.support.errors import UserError
from insm.support.schema import Section


class UNetConfig(Section):
    """Pix2pix's generator; its depth follows from the size of the images."""

    width: PositiveInt = 64
    """Channels of the first convolution; they double from level to level, up to 8 times this."""
    first_bias: bool = False
    """Whether the first convolution has a bias: not in the PyTorch release, but in the Lua release."""
    dropout: float = Field(0.5, ge=0, lt=1)
    """Probability that dropout clears a value."""
    dropout_levels: NonNegativeInt | None = None
    """Decoder levels with dropout, counted outwards from the second; none given: levels - 5 as in the released code
    (3 at 256 px, 2 at 128 px, none at 32 px)."""
    init: Init = "normal"
    """Initial weights: from N(0, 0.02), He normal, or torch's default."""
    upsample: Upsample = "transposed"
    """Transposed convolutions k4s2, or "nearest": repeat pixels, then convolve k3 (no checkerboard)."""


class UNet(nn.Module):
    """Image [B, 3, S, S] in [-1, 1] -> image [B, 3, S, S] in [-1, 1].

    log2(S) convolutions k4s2 and as many transposed ones, each joined with its twin's output. Batch norm everywhere but
    after the first convolution, the bottleneck (its 1 x 1 map would be normalised to zero in a batch of one) and the
    last layer, the only one with a bias unless `first_bias` asks for another.

    Args:
        size: S, a power of two from 8.

    Raises:
        UserError: another size.
    """

    def __init__(self, size: int, config: UNetConfig):
        super().__init__()
        levels = size.bit_length() - 1
        if size != 2**levels or levels < 3:
            raise UserError(f"key data.size: {size} px does not halve down to 1: a U-Net needs a power of two from 8")
        self.dropout, wanted = config.dropout, config.dropout_levels
        self.dropout_levels = max(0, levels - 5) if wanted is None else min(wanted, levels - 2)
        widths = [3] + [config.width * min(2**k, 8) for k in range(levels)]  # of the image and after every level
        self.dropout_shapes = [  # of one image: the decoder's second level has 4 x 4 pixels
            (widths[levels - 1 - level], 2 ** (level + 1), 2 ** (level + 1))
            for level in range(1, self.dropout_levels + 1)
        ]
        self.downs, self.ups = nn.ModuleList(), nn.ModuleList()
        for k in range(1, levels + 1):
            conv = nn.Conv2d(widths[k - 1], widths[k], 4, 2, 1, bias=k == 1 and config.first_bias)
            self.downs.append(_pair(conv, widths[k], normalised=1 < k < levels))
        for k in range(levels, 0, -1):
            joined = widths[k] if k == levels else 2 * widths[k]
            if config.upsample == "transposed" and k >= levels - 1:
                up: nn.Module = InnermostTransposed(joined, widths[k - 1], 4, 2, 1, bias=False)
            else:
                up = upsampling(config.upsample, joined, widths[k - 1], bias=k == 1)
            self.ups.append(_pair(up, widths[k - 1], normalised=k > 1))

    def dropout_masks(self, n: int, rng: torch.Generator) -> list[Tensor]:
        """Random masks for n images, one bool [n, C, h, w] for each level with dropout: True keeps a value."""
        return [torch.rand(n, *shape, generator=rng) >= self.dropout for shape in self.dropout_shapes]

    def forward(self, image: Tensor, masks: Sequence[Tensor] = (), per_image: bool = False) -> Tensor:
        """Translate.

        Args:
            masks: of `dropout_masks`; without them there is no dropout, in training mode either.
            per_image: normalise every image by its own statistics, which is batch norm in training mode on a
                batch of one, but leaves the running statistics alone. Otherwise training mode decides.
        """
        skips, x = [], image
        for level, (conv, norm) in enumerate(_pairs(self.downs)):
            x = _normalise(norm, conv(F.leaky_relu(x, 0.2) if level else x), per_image)
            skips.append(x)
        x = skips.pop()
        for level, (conv, norm) in enumerate(_pairs(self.ups)):
            x = _normalise(norm, conv(F.relu(x)), per_image)
            if 1 <= level <= len(masks):
                x = drop(x, masks[level - 1], self.dropout)
            if skips:
                x = torch.cat([skips.pop(), x], dim=1)
        return x.tanh()


class InnermostTransposed(nn.ConvTranspose2d):
    """A transposed convolution k4s2 without bias, of at most 2 x 2 pixels, [B, C, H, W] -> [B, C', 2H, 2W].

    As the product of matrices that it is: the library for convolutions on a CPU rearranges the weights, which are
    most of the network's, in each pass, and takes two to four times as long. A GPU is left to its own library.
    """

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:
        if input.device.type != "cpu":
            return super().forward(input, output_size)
        patches = self.weight.flatten(1).t() @ input.flatten(2)  # [B, C' 4 4, H W]
        height, width = input.shape[2:]
        return F.fold(patches, (2 * height, 2 * width), kernel_size=4, padding=1, stride=2)


def drop(x: Tensor, mask: Tensor, probability: float) -> Tensor:
    """Dropout with a given mask; nn.Dropout draws from torch's global generator, which no resumed run repeats."""
    return x * mask.to(x) / (1 - probability)


def _pair(conv: nn.Module, channels: int, normalised: bool) -> nn.ModuleList:
    return nn.ModuleList([conv, nn.BatchNorm2d(channels) if normalised else nn.Identity()])


def _pairs(levels: nn.ModuleList) -> Iterator[tuple[nn.Module, nn.Module]]:
    """The (convolution, normalisation) of every level."""
    for pair in levels:
        assert isinstance(pair, nn.ModuleList)
        conv, norm = pair
        yield conv, norm


def _normalise(norm: nn.Module, x: Tensor, per_image: bool) -> Tensor:
    if per_image and isinstance(norm, nn.BatchNorm2d):
        return F.instance_norm(x, weight=norm.weight, bias=norm.bias, eps=norm.eps)
    return norm(x)
