"""Drawing target labels (docs/paper-map.md, "Where the paper is silent"). All take and return bits [B, A] in {0, 1}."""

import torch
from torch import Tensor


def permuted(labels: Tensor, rng: torch.Generator) -> Tensor:
    """The batch's own labels in a random order: the marginal of targets equals that of the data."""
    order = torch.randperm(len(labels), generator=rng)
    return labels[order.to(labels.device)]


def flipped(labels: Tensor, rng: torch.Generator) -> Tensor:
    """Every bit inverted: always the other domain of a one-bit task."""
    return 1 - labels


def path(source: Tensor, target: Tensor, rng: torch.Generator) -> Tensor:
    """A label on the way: each bit is taken from the target with probability 1/2, else from the source."""
    take = torch.rand(source.shape, generator=rng).to(source.device) < 0.5
    return torch.where(take, target, source)


def bits(labels: Tensor, rng: torch.Generator) -> Tensor:
    """Independent fair bits; often impossible labels (two hair colours), kept as a declared variant."""
    return (torch.rand(labels.shape, generator=rng) < 0.5).to(labels)


TARGETS = {"perm": permuted, "flip": flipped}
