"""STGAN's generator: AttGAN's, with selective transfer units in its skips (Liu et al., CVPR 2019)."""

from itertools import islice, pairwise

import torch
import torch.nn.functional as F
from pydantic import NonNegativeInt
from torch import Tensor, nn

from insm.networks import attgan
from insm.networks.attgan import channels
from insm.networks.blocks import Upsample, initialise, tile_label, upsampling


class GeneratorConfig(attgan.GeneratorConfig):
    """STGAN's generator as released."""

    shortcuts: NonNegativeInt = 4
    """Decoder levels, from the coarsest, that also get the output of a selective transfer unit of their size."""
    injections: NonNegativeInt = 4
    """Decoder levels, from the coarsest, that get the label difference again; the latent code always has it."""


class SelectiveTransferUnit(nn.Module):
    """Chooses what of the encoder's features to pass on, a GRU over levels (Sec. 3.2 of the paper).

    (features f [B, C, 2h, 2w], state of the coarser level [B, C', h, w], label difference [B, A])
    -> (output, state for the finer level), both [B, C, 2h, 2w]. As released, without normalisation.
    """

    def __init__(self, n_attr: int, coarse: int, fine: int, upsample: Upsample = "transposed"):
        super().__init__()
        self.up = upsampling(upsample, coarse + n_attr, fine, bias=True)
        self.reset, self.update, self.candidate = (nn.Conv2d(2 * fine, fine, 3, 1, 1) for _ in range(3))

    def forward(self, feature: Tensor, state: Tensor, difference: Tensor) -> tuple[Tensor, Tensor]:
        old = self.up(tile_label(state, difference))
        both = torch.cat([feature, old], dim=1)
        weight, bias = (torch.cat(pair) for pair in zip(self.reset.parameters(), self.update.parameters(), strict=True))
        r, z = F.conv2d(both, weight, bias, padding=1).sigmoid().chunk(2, dim=1)  # both convolutions at once
        new_state = r * old
        new = self.candidate(torch.cat([feature, new_state], dim=1)).tanh()
        return (1 - z) * old + z * new, new_state


class Generator(attgan.Generator):
    """(image [B, 3, S, S], label difference [B, A]) -> image [B, 3, S, S] in [-1, 1].

    The difference b' - a' of target and source label steers the units too; 0 asks for the image itself.
    """

    def __init__(self, n_attr: int, size: int, config: GeneratorConfig):
        super().__init__(n_attr, size, config)
        levels = pairwise(reversed(channels(size, config, "generator")))
        self.units = nn.ModuleList(
            SelectiveTransferUnit(n_attr, coarse, fine, config.upsample)
            for coarse, fine in islice(levels, config.shortcuts)
        )
        initialise(self.units, config.init)

    def decode(self, features: list[Tensor], condition: Tensor) -> Tensor:
        """Features of every level and a difference [B, A] -> images [B, 3, S, S] in [-1, 1]."""
        chosen, state = list(features), features[-1]
        for level, unit in enumerate(self.units, start=2):  # from the second-coarsest level to finer ones
            chosen[-level], state = unit(features[-level], state, condition)
        return super().decode(chosen, condition)
