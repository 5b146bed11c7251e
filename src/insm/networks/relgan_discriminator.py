"""RelGAN's discriminator (Lin et al., ICCV 2019): three heads on StarGAN's trunk, which knows no attributes."""

from typing import Literal

import torch
from pydantic import PositiveInt
from torch import Tensor, nn

from insm.networks import stargan_discriminator
from insm.networks.blocks import init_fan_in, initialise, tile_label
from insm.networks.stargan_discriminator import SLOPE, Trunk


class DiscriminatorConfig(stargan_discriminator.DiscriminatorConfig):
    """StarGAN's trunk and the interpolation head."""

    degrees: PositiveInt = 64
    """Channels of the interpolation head, whose mean is its answer."""
    init: Literal["he_lecun", "xavier", "default"] = "he_lecun"
    """Initial weights: He normal in the trunk and LeCun normal in the heads (Keras release), Xavier uniform (PyTorch
    release), or torch's default, with which the trunk's features start about 50 times smaller."""


class RelGANDiscriminator(nn.Module):
    """Heads on the features of `trunk`, [B, 3, S, S] -> [B, C, s, s]; each answers with a map [B, 1, s, s]."""

    def __init__(self, n_attr: int, size: int, config: DiscriminatorConfig):
        super().__init__()
        self.trunk = Trunk(size, config)
        channels = self.trunk.channels
        self.real = nn.Conv2d(channels, 1, 1)
        self.degree = nn.Conv2d(channels, config.degrees, 1)
        self.match = nn.Sequential(
            nn.Conv2d(2 * channels + n_attr, channels, 1), nn.LeakyReLU(SLOPE), nn.Conv2d(channels, 1, 1)
        )
        if config.init == "he_lecun":
            init_fan_in(self.trunk, gain=2.0)
            for head in (self.real, self.degree, self.match):
                init_fan_in(head, gain=1.0)
        else:
            initialise(self, config.init)

    def realness(self, features: Tensor) -> Tensor:
        """D_Real: 1 for a photograph, 0 for a translation."""
        return self.real(features)

    def interpolation(self, features: Tensor) -> Tensor:
        """D_Interp: how far the image is from either end of an interpolation, 0 to 1/2."""
        return self.degree(features).mean(dim=1, keepdim=True)

    def matching(self, before: Tensor, after: Tensor, relative: Tensor) -> Tensor:
        """D_Match: 1 where the two images differ by just the relative attributes [B, A], else 0."""
        return self.match(tile_label(torch.cat([before, after], dim=1), relative))
