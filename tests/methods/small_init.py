"""A small INIT, a batch and a stand-in for phi, for the tests of INIT."""

import torch
import torch.nn.functional as F

from insm.data import target_labels
from insm.data.batch import Batch
from insm.methods.init import Config, Method
from insm.support.runtime import generator

B, A, SIZE = 6, 4, 32
SMALL = {
    "method": "init",
    "generator": {"width": 8, "downs": 1, "blocks": 1, "kernel": 3},
    "discriminator": {"width": 8, "downs": 2},
}


class Pixels(torch.nn.Module):
    """A stand-in for phi: average colours of 4 x 4 regions."""

    def forward(self, image):
        return F.adaptive_avg_pool2d(image, 4).flatten(1)


def method(**options) -> Method:
    torch.manual_seed(0)
    return Method(Config.model_validate(SMALL | options), A, SIZE, Pixels())


def batch(seed: int = 0, paired: bool = False) -> Batch:
    rng = generator(seed)
    image = torch.rand(B, 3, SIZE, SIZE, generator=rng) * 2 - 1
    source = (torch.rand(B, A, generator=rng) < 0.5).float()
    partner = torch.rand(B, 3, SIZE, SIZE, generator=rng) * 2 - 1 if paired else None
    return Batch(image, source, target_labels.permuted(source, rng), partner)
