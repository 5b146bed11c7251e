"""PatchGAN discriminator (Isola et al., CVPR 2017; Zhu et al., ICCV 2017), the label tiled at its input.

At its defaults every output looks at a 70 x 70 patch.
"""

from typing import Literal

from pydantic import PositiveInt
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from insm.networks.blocks import Init, InstanceNorm2d, convolve_tiled
from insm.support.schema import Section

Norm = Literal["in", "bn", "none"]
NORMS = {"in": InstanceNorm2d, "bn": nn.BatchNorm2d, "none": nn.Identity}


class DiscriminatorConfig(Section):
    """70 x 70 PatchGAN at its defaults."""

    width: PositiveInt = 64
    """Channels of the first convolution."""
    downs: PositiveInt = 3
    """Convolutions that halve the image."""
    norm: Norm = "in"
    """Instance or batch norm after all but the first and last convolutions, or "none": the former weakens the constant
    label plane."""
    init: Init = "normal"
    """Weights from N(0, 0.02) as CycleGAN, He normal, or torch's default, for a network without normalisation."""
    spectral_norm: bool = False
    """Spectral normalisation of every convolution (Miyato et al., 2018), against divergence."""


class PatchDiscriminator(nn.Module):
    """(image [B, C, S, S], label [B, A]) -> raw logits [B, 1, h, w]; without label for A = 0.

    `downs` convolutions k4s2, the width doubling from one to the next (the first has no normalisation, so the label
    survives), then k4s1 to twice the width and k4s1 to one channel; LeakyReLU 0.2, instance norm without parameters.
    Widths stop at 8 times the first. `norm` "none" leaves out the instance norms, which weaken a constant label plane;
    "bn" has batch norms in their place, with parameters, and so convolutions before them without bias.

    Args:
        channels: C; 6 for an image and its translation, concatenated, as Pix2pix does.
    """

    def __init__(self, n_attr: int, config: DiscriminatorConfig, channels: int = 3):
        super().__init__()
        width, norm = config.width, config.norm
        layers: list[nn.Module] = [nn.Conv2d(channels + n_attr, width, 4, 2, 1), nn.LeakyReLU(0.2, inplace=True)]
        channels = width
        for level in range(1, config.downs + 1):
            wider = min(channels * 2, width * 8)
            stride = 2 if level < config.downs else 1
            layers += [
                nn.Conv2d(channels, wider, 4, stride, 1, bias=norm != "bn"),
                NORMS[norm](wider),
                nn.LeakyReLU(0.2, inplace=True),
            ]
            channels = wider
        layers += [nn.Conv2d(channels, 1, 4, 1, 1)]
        if config.spectral_norm and not layers[0].weight.is_meta:  # it needs numbers
            layers = [parametrizations.spectral_norm(x) if isinstance(x, nn.Conv2d) else x for x in layers]
        self.layers = nn.Sequential(*layers)

    def forward(self, image: Tensor, label: Tensor | None = None) -> Tensor:
        first, *layers = self.layers
        x = first(image) if label is None else convolve_tiled(first, image, label)
        for layer in layers:
            x = layer(x)
        return x
