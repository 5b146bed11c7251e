"""Random target labels (docs/paper-map.md, "Where the paper is silent"): float labels [B, A] in {0, 1} on the CPU."""

from collections.abc import Callable

import torch
from torch import Tensor


def permuted(labels: Tensor, rng: torch.Generator) -> Tensor:
    """The batch's own labels in a random order: the marginal of targets equals that of the data."""
    return labels[torch.randperm(len(labels), generator=rng)]


def flipped(labels: Tensor, rng: torch.Generator) -> Tensor:
    """Every attribute inverted: always the other domain of a two-domain task."""
    return 1 - labels


def path(source: Tensor, target: Tensor, rng: torch.Generator) -> Tensor:
    """A label on the way: each attribute is taken from the target with probability 1/2, else from the source."""
    from_target = torch.rand(source.shape, generator=rng) < 0.5
    return torch.where(from_target, target, source)


def independent(labels: Tensor, rng: torch.Generator) -> Tensor:
    """Every attribute 0 or 1 with probability 1/2; often impossible labels (two hair colours)."""
    return (torch.rand(labels.shape, generator=rng) < 0.5).to(labels)


TARGETS: dict[str, Callable[[Tensor, torch.Generator], Tensor]] = {"perm": permuted, "flip": flipped}
