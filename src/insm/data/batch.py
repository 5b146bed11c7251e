"""The one batch that every method trains on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import torch
from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """B images with their labels, drawn for one training step.

    image   [B, 3, S, S] float in [-1, 1], the source images x^s
    source  [B, A] float in {0, 1}, their attributes a^s
    target  [B, A] float in {0, 1}, the attributes a^t to translate to
    partner [B, 3, S, S] float in [-1, 1], the true image in the other domain; None in unpaired tasks
    draws   everything else that is random in this step, by name (`Method.draws`), on the device of the images
    step    number of this training step, from 0
    """

    image: Tensor
    source: Tensor
    target: Tensor
    partner: Tensor | None
    draws: Mapping[str, Tensor] = field(default_factory=lambda: MappingProxyType({}))
    step: int = 0

    @property
    def truth(self) -> Tensor | None:
        """[B, 3, S, S]: the partner where the target differs from the source, the image itself elsewhere."""
        if self.partner is None:
            return None
        changed = (self.source != self.target).any(dim=1).view(-1, 1, 1, 1)
        return torch.where(changed, self.partner, self.image)
