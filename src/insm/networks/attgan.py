"""AttGAN's encoder-decoder and its discriminator with a classifier (He et al., IEEE TIP 2019).

At 128 and 256 px: 5 levels of 64 to 1024 channels. Smaller images have fewer levels (insm.networks.scaling). Where
paper and released code differ, this is the released code: no normalisation between the fully connected layers.
"""

from itertools import pairwise
from typing import Literal

import torch
from pydantic import NonNegativeInt, PositiveFloat, PositiveInt
from torch import Tensor, nn

from insm.networks import scaling
from insm.networks.blocks import InstanceNorm2d, Upsample, initialise, tile_label, upsampling
from insm.support.errors import UserError
from insm.support.schema import Section

LEVELS = 5  # at 128 px and above
Init = Literal["xavier", "normal", "default"]


class GeneratorConfig(Section):
    """AttGAN's generator as released."""

    width: PositiveInt = 64
    """Channels of the first level; they double from level to level."""
    max_width: PositiveInt = 1024
    """Channels at which they stop doubling, as in the released code."""
    levels: PositiveInt | None = None
    """Convolutions that halve the image; 5 at 128 px and above and one fewer per halving below if not given."""
    shortcuts: NonNegativeInt = 1
    """Decoder levels, from the coarsest, that also get the encoder's features of their size."""
    injections: NonNegativeInt = 1
    """Decoder levels, from the coarsest, that get the label again; the latent code always has it."""
    slope: PositiveFloat = 0.2
    """Slope of LeakyReLU below 0."""
    bn_eps: PositiveFloat = 1e-3
    """Added to the variance in batch normalisation (TensorFlow's default, which the released code has)."""
    bn_momentum: PositiveFloat = 0.001
    """Share of a batch in the running statistics that translation uses: TensorFlow-slim's decay 0.999. They start at
    mean 0, variance 1, so a run of fewer than 5000 steps or so needs more."""
    init: Init = "xavier"
    """Initial weights: Xavier-uniform with zero biases (TensorFlow-slim's), N(0, 0.02), or torch's default."""
    upsample: Upsample = "transposed"
    """Transposed convolutions k4s2, or "nearest": repeat pixels, then convolve k3 (no checkerboard)."""


class DiscriminatorConfig(Section):
    """AttGAN's discriminator with its classifier as released."""

    width: PositiveInt = 64
    """Channels of the first level; they double from level to level."""
    max_width: PositiveInt = 1024
    """Channels at which they stop doubling, as in the released code."""
    levels: PositiveInt | None = None
    """Convolutions that halve the image; 5 at 128 px and above and one fewer per halving below if not given."""
    features: PositiveInt = 1024
    """Units of the hidden layer of either head."""
    slope: PositiveFloat = 0.2
    """Slope of LeakyReLU below 0."""
    in_eps: PositiveFloat = 1e-6
    """Added to the variance in instance normalisation (TensorFlow-slim's default)."""
    init: Init = "xavier"
    """Initial weights: Xavier-uniform with zero biases (TensorFlow-slim's), N(0, 0.02), or torch's default."""


class Generator(nn.Module):
    """(image [B, 3, S, S], condition [B, A]) -> image [B, 3, S, S] in [-1, 1]; the two halves work apart too.

    Encoder: convolutions k4s2, batch norm, LeakyReLU. Decoder: transposed convolutions k4s2, batch norm, ReLU; the
    last has a bias and tanh instead. The condition is tiled next to the latent code.

    In training mode batch norm takes out what is equal in the whole batch, so a batch should hold unequal conditions.

    Raises:
        UserError: S cannot be halved that often.
    """

    def __init__(self, n_attr: int, size: int, config: GeneratorConfig):
        super().__init__()
        self.config = config
        widths = channels(size, config, "generator")
        self.encoder = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(narrow, wide, 4, 2, 1, bias=False),
                nn.BatchNorm2d(wide, config.bn_eps, config.bn_momentum),
                nn.LeakyReLU(config.slope, inplace=True),
            )
            for narrow, wide in pairwise([3, *widths])
        )
        self.decoder = nn.ModuleList()
        inputs = widths[-1] + n_attr
        for k, (width, skip) in enumerate(pairwise(reversed(widths))):  # `skip`: the encoder's width at its output
            self.decoder.append(
                nn.Sequential(
                    upsampling(config.upsample, inputs, width, bias=False),
                    nn.BatchNorm2d(width, config.bn_eps, config.bn_momentum),
                    nn.ReLU(inplace=True),
                )
            )
            inputs = width + (skip if k < config.shortcuts else 0) + (n_attr if k < config.injections else 0)
        self.paint = upsampling(config.upsample, inputs, 3, bias=True)
        initialise(self, config.init)

    def encode(self, image: Tensor) -> list[Tensor]:
        """Images -> features of every level, the finest first: [B, width 2^k, S / 2^(k+1), S / 2^(k+1)]."""
        features = [image]
        for level in self.encoder:
            features.append(level(features[-1]))
        return features[1:]

    def decode(self, features: list[Tensor], condition: Tensor) -> Tensor:
        """Features of every level and a condition [B, A] -> images [B, 3, S, S] in [-1, 1]."""
        x = tile_label(features[-1], condition)
        for k, (level, skip) in enumerate(zip(self.decoder, features[-2::-1], strict=True)):
            x = level(x)
            if k < self.config.shortcuts:
                x = torch.cat([x, skip], dim=1)
            if k < self.config.injections:
                x = tile_label(x, condition)
        return self.paint(x).tanh()

    def forward(self, image: Tensor, condition: Tensor) -> Tensor:
        return self.decode(self.encode(image), condition)


class Discriminator(nn.Module):
    """Image [B, 3, S, S] -> (critic's scores [B], logits of its labels [B, A]), from two heads on one trunk.

    Trunk: convolutions k4s2, instance norm (without running statistics), LeakyReLU. Heads: one hidden layer each.

    Raises:
        UserError: S cannot be halved that often.
    """

    def __init__(self, n_attr: int, size: int, config: DiscriminatorConfig):
        super().__init__()
        widths = channels(size, config, "discriminator")
        trunk: list[nn.Module] = []
        for narrow, wide in pairwise([3, *widths]):
            trunk += [
                nn.Conv2d(narrow, wide, 4, 2, 1, bias=False),
                InstanceNorm2d(wide, config.in_eps, affine=True),
                nn.LeakyReLU(config.slope, inplace=True),
            ]
        self.trunk = nn.Sequential(*trunk, nn.Flatten(1))
        flat = widths[-1] * (size // 2 ** len(widths)) ** 2
        self.critic, self.classifier = (
            nn.Sequential(
                nn.Linear(flat, config.features),
                nn.LeakyReLU(config.slope, inplace=True),
                nn.Linear(config.features, outputs),
            )
            for outputs in (1, n_attr)
        )
        initialise(self, config.init)

    def score(self, image: Tensor) -> Tensor:
        """The critic alone, [B]: larger for real images, unbounded."""
        return self.critic(self.trunk(image)).squeeze(1)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        flat = self.trunk(image)
        return self.critic(flat).squeeze(1), self.classifier(flat)


def channels(size: int, config: GeneratorConfig | DiscriminatorConfig, network: str) -> list[int]:
    """Channels of every level from the finest, for images of `size` px; as many levels as the size needs if not given.

    Args:
        network: which one, "generator" or "discriminator", for the message.

    Raises:
        UserError: the size cannot be halved that often.
    """
    count = config.levels or scaling.levels(size, LEVELS)
    if size % 2**count:
        raise UserError(
            f"key {network}.levels: {size} px cannot be halved {count} times: "
            f"use fewer levels or a multiple of {2**count} px"
        )
    return [min(config.width * 2**k, config.max_width) for k in range(count)]
