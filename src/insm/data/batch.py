"""The one batch that every method trains on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import torch
from torch import Tensor

from insm.support.shapes import Float


@dataclass(frozen=True)
class Batch:
    """B images with their labels, drawn for one training step.

    image   in [-1, 1], the source images x^s
    source  in {0, 1}, their attributes a^s
    target  in {0, 1}, the attributes a^t to translate to
    partner in [-1, 1], the true image in the other domain; None in unpaired tasks
    draws   everything else that is random in this step, by name (`Method.draws`), on the device of the images
    step    number of this training step, from 0
    """

    image: Float[Tensor, "B 3 S S"]
    source: Float[Tensor, "B A"]
    target: Float[Tensor, "B A"]
    partner: Float[Tensor, "B 3 S S"] | None
    draws: Mapping[str, Tensor] = field(default_factory=lambda: MappingProxyType({}))
    step: int = 0

    @property
    def truth(self) -> Float[Tensor, "B 3 S S"] | None:
        """The partner where the target differs from the source, the image itself elsewhere."""
        if self.partner is None:
            return None
        changed = (self.source != self.target).any(dim=1).view(-1, 1, 1, 1)
        return torch.where(changed, self.partner, self.image)
