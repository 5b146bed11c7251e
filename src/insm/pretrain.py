"""Supervised training of the two judges, which are fixed before any method is: phi and the attribute classifier."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from insm.config import ClassifierConfig, EmbeddingConfig
from insm.progress import Progress
from insm.runtime import generator
from insm.sampler import Sampler

TEMPERATURE = 0.2  # of the contrastive loss (InfoNCE)


def fit(
    network: nn.Module, loss: Callable[[int], Tensor], config: EmbeddingConfig | ClassifierConfig, label: str
) -> float:
    """Adam with a one-cycle schedule over `config.updates` steps of `loss(step)`; returns the last loss."""
    optimiser = torch.optim.Adam(network.parameters(), config.lr, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, config.lr, total_steps=config.updates)
    progress = Progress(label, config.updates, unit_per_step=config.batch)
    network.train()
    for step in range(config.updates):
        value = loss(step)
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        schedule.step()
        progress(step + 1, {"loss": value.item()})
    network.eval()
    return value.item()


def attribute_loss(network: nn.Module, sampler: Sampler) -> Callable[[int], Tensor]:
    """Binary cross-entropy of the attribute logits, mean over batch and bits."""

    def loss(step: int) -> Tensor:
        batch = sampler(step)
        return F.binary_cross_entropy_with_logits(network(batch.image), batch.source)

    return loss


def identity_loss(features: Callable[[Tensor], Tensor], sampler: Sampler, seed: int) -> Callable[[int], Tensor]:
    """InfoNCE (van den Oord et al., 2018): two augmented views of a picture attract, other pictures repel.

    Needs no labels, and makes distances on the sphere say "another picture" rather than "other attributes".
    """

    def loss(step: int) -> Tensor:
        image = sampler(step).image
        rng = generator(seed, step, 1)
        one, two = (F.normalize(features(augment(image, rng))) for _ in range(2))
        similarity = one @ two.T / TEMPERATURE
        same = torch.arange(len(image), device=image.device)
        return (F.cross_entropy(similarity, same) + F.cross_entropy(similarity.T, same)) / 2

    return loss


def augment(image: Tensor, rng: torch.Generator) -> Tensor:
    """A random view of each picture [B, 3, S, S]: mirrored, shifted up to S/8, brightness and colour cast changed."""
    n = len(image)
    draw = lambda *shape: torch.rand(*shape, generator=rng).to(image.device)  # noqa: E731
    image = torch.where(draw(n, 1, 1, 1) < 0.5, image.flip(3), image)
    shift = (draw(n, 2) * 2 - 1) * 0.25  # in units where the picture spans [-1, 1]
    grid = F.affine_grid(torch.cat([torch.eye(2).expand(n, 2, 2).to(image), shift[:, :, None]], 2), image.shape, False)
    image = F.grid_sample(image, grid, padding_mode="reflection", align_corners=False)
    return image * (0.7 + 0.6 * draw(n, 1, 1, 1)) + 0.3 * (draw(n, 3, 1, 1) * 2 - 1)
