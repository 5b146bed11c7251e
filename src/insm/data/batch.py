"""The one batch that every method trains on."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """B images with their labels, drawn for one training step.

    image   [B, 3, S, S] float in [-1, 1], the source images x^s
    source  [B, A] float in {0, 1}, their attributes a^s
    target  [B, A] float in {0, 1}, the attributes a^t to translate to
    partner [B, 3, S, S] float in [-1, 1], the true image in the other domain; None in unpaired tasks
    rng     random numbers of this step on the CPU: equal (seed, step) give equal draws, so resuming changes nothing
    step    number of this training step, from 0
    """

    image: Tensor
    source: Tensor
    target: Tensor
    partner: Tensor | None
    rng: torch.Generator
    step: int = 0

    @property
    def truth(self) -> Tensor | None:
        """[B, 3, S, S]: the partner where the target differs from the source, the image itself elsewhere."""
        if self.partner is None:
            return None
        changed = (self.source != self.target).any(dim=1).view(-1, 1, 1, 1)
        return torch.where(changed, self.partner, self.image)
