"""StarGAN's discriminator (Choi et al., CVPR 2018): a critic and an attribute classifier on one trunk."""

from itertools import pairwise

from pydantic import PositiveInt
from torch import Tensor, nn

from insm.networks.scaling import levels as scaled
from insm.support.errors import UserError
from insm.support.schema import Section

LEVELS = 6  # at 128 px
SLOPE = 0.01  # of the leaky ReLUs


class DiscriminatorConfig(Section):
    """StarGAN's trunk."""

    width: PositiveInt = 64
    """Channels of the first convolution; each further one doubles them."""
    levels: PositiveInt | None = None
    """Convolutions that halve the image; null: 6 from 128 px on, fewer for smaller images so that 2 x 2 remain."""


class Trunk(nn.Sequential):
    """`levels` times conv k4s2 with bias and LeakyReLU 0.01, no normalisation: [B, 3, S, S] -> [B, C, s, s].

    Images do not see each other, so features of a shuffled batch are shuffled features.

    Attributes:
        channels: C = width * 2^(levels - 1).
        size: s = S / 2^levels.

    Raises:
        UserError: the image is smaller than 2^levels.
    """

    def __init__(self, size: int, config: DiscriminatorConfig):
        levels = config.levels or scaled(size, LEVELS)
        widths = [3, *(config.width * 2**k for k in range(levels))]
        layers: list[nn.Module] = []
        for narrow, wide in pairwise(widths):
            layers += [nn.Conv2d(narrow, wide, 4, 2, 1), nn.LeakyReLU(SLOPE)]
        super().__init__(*layers)
        self.channels, self.size = widths[-1], size // 2**levels
        if not self.size:
            raise UserError(f"key discriminator.levels: {levels} halvings leave nothing of {size} px: use fewer")


class StarGANDiscriminator(nn.Module):
    """Image [B, 3, S, S] -> (critic's map [B, 1, s, s], logits of the attributes [B, A]); s is the trunk's."""

    def __init__(self, n_attr: int, size: int, config: DiscriminatorConfig):
        super().__init__()
        self.trunk = Trunk(size, config)
        self.critic = nn.Conv2d(self.trunk.channels, 1, 3, 1, 1, bias=False)
        self.classifier = nn.Conv2d(
            self.trunk.channels, n_attr, self.trunk.size, bias=False
        )  # one look at the whole map

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        features = self.trunk(image)
        return self.critic(features), self.classifier(features).flatten(1)
