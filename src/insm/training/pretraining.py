"""Supervised training of the two judges, which are fixed before any method is: phi and the attribute classifier."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from insm.data.batch import Batch
from insm.data.dataset import Dataset
from insm.data.prepared_split import PreparedSplit
from insm.data.sampler import Sampler
from insm.networks.embedding import EmbeddingConfig, small_vgg
from insm.support.progress import Progress
from insm.support.runtime import generator, initial_seed
from insm.training.attempt import Attempt
from insm.training.checkpoints import Checkpoints
from insm.training.identity import hash_of_split
from insm.training.signals import Stop

if TYPE_CHECKING:
    from insm.networks.classifier import ClassifierConfig

SAVE_EVERY = 60  # seconds
TEMPERATURE = 0.2  # of the contrastive loss (InfoNCE)


@dataclass(frozen=True)
class Resumption:
    """Where a pretraining saves what it resumes from, and its lasting logs; neither folder is an output of a rule."""

    state: Path | None = None
    attempts: Path | None = None


def fit(
    network: nn.Module,
    loss: Callable[[int], Tensor],
    config: "EmbeddingConfig | ClassifierConfig",
    label: str,
    identity: dict[str, Any] | None = None,
    resumption: Resumption = Resumption(),
) -> float:
    """Adam with a one-cycle schedule over `config.updates` steps of `loss(step)`; returns the last loss.

    With a folder to save in, it stops where a signal asks for it and resumes there, to the same bytes.
    """
    optimiser = torch.optim.Adam(network.parameters(), config.lr, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, config.lr, total_steps=config.updates)
    parts: dict[str, Any] = {"network": network, "optimiser": optimiser, "schedule": schedule}
    settings = {"settings": config.model_dump(mode="json")} | (identity or {})
    checkpoints = Checkpoints(resumption.state, settings, label) if resumption.state else None
    attempt, done, last = Attempt(resumption.attempts, config.updates, config.batch), 0, 0.0
    if checkpoints:
        checkpoints.claim()
        if content := checkpoints.load(*parts, "loss", device=next(network.parameters()).device):
            for name, part in parts.items():
                part.load_state_dict(content[name])
            done, last = content["done"], content["loss"]
            print(f"{label}: resuming at step {done}/{config.updates}", file=sys.stderr, flush=True)
    progress = Progress(label, config.updates, done, unit_per_step=config.batch)
    attempt.begin(done)
    network.train()
    saved = time.monotonic()
    with Stop() as stop:
        while done < config.updates:
            value = loss(done)
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
            schedule.step()
            done, last = done + 1, value.item()
            progress(done, {"loss": last})
            attempt.progress(done)
            leaving = stop.wanted()
            due = leaving or done == config.updates or time.monotonic() - saved > SAVE_EVERY
            if checkpoints and due:
                checkpoints.save(done, {name: part.state_dict() for name, part in parts.items()} | {"loss": last})
                attempt.saved(done)
                saved = time.monotonic()
            if leaving:
                attempt.stopped(done)
                stop.leave(label, done, config.updates)
    network.eval()
    if checkpoints:
        checkpoints.check_result()
        checkpoints.finish()
    attempt.report("finished", done)
    return last


def attribute_loss(network: nn.Module, sampler: Callable[[int], Batch]) -> Callable[[int], Tensor]:
    """Binary cross-entropy of the attribute logits, mean over batch and attributes."""

    def loss(step: int) -> Tensor:
        batch = sampler(step)
        return F.binary_cross_entropy_with_logits(network(batch.image), batch.source)

    return loss


def identity_loss(
    features: Callable[[Tensor], Tensor], sampler: Callable[[int], Batch], seed: int
) -> Callable[[int], Tensor]:
    """InfoNCE (van den Oord et al., 2018): two augmented views of an image attract, other images repel.

    Needs no labels, and makes distances on the sphere say "another image" rather than "other attributes".
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
    """A random view of each image [B, 3, S, S]: mirrored, shifted up to S/8, brightness and colour cast changed."""
    n = len(image)
    draw = lambda *shape: torch.rand(*shape, generator=rng).to(image.device)  # noqa: E731
    image = torch.where(draw(n, 1, 1, 1) < 0.5, image.flip(3), image)
    shift = (draw(n, 2) * 2 - 1) * 0.25  # in units where the image spans [-1, 1]
    theta = torch.cat([torch.eye(2).expand(n, 2, 2).to(image), shift[:, :, None]], 2)
    grid = F.affine_grid(theta, list(image.shape), align_corners=False)
    image = F.grid_sample(image, grid, padding_mode="reflection", align_corners=False)
    return image * (0.7 + 0.6 * draw(n, 1, 1, 1)) + 0.3 * (draw(n, 3, 1, 1) * 2 - 1)


def train_classifier(
    settings: "ClassifierConfig",
    train: PreparedSplit,
    dataset: Dataset,
    device: torch.device,
    resumption: Resumption = Resumption(),
    seed: int = 1,
) -> dict[str, Any]:
    """Train the attribute classifier on a split -> what its file holds: n_attr, state."""
    from insm.networks.classifier import Classifier  # only here: phi needs no torchvision

    n_attr = len(dataset.attributes)
    torch.manual_seed(initial_seed(seed))
    network = Classifier(n_attr).to(device)
    sampler = Sampler(train, dataset, batch=settings.batch, seed=seed, flip=True, device=device)
    identity = {"device": device.type, "data": hash_of_split(train), "seed": seed}
    fit(network, attribute_loss(network, sampler), settings, f"classifier of {dataset.name}", identity, resumption)
    return {"n_attr": n_attr, "state": network.cpu().state_dict()}


def train_embedding(
    settings: EmbeddingConfig,
    train: PreparedSplit,
    dataset: Dataset,
    device: torch.device,
    seed: int,
    key: str,
    resumption: Resumption = Resumption(),
) -> dict[str, Any]:
    """Train an embedding on a split -> what its file holds: config, n_attr, size, state. `key` names it in progress."""
    n_attr = len(dataset.attributes)
    torch.manual_seed(initial_seed(seed))
    network = small_vgg(settings, n_attr, train.size).to(device)
    sampler = Sampler(train, dataset, batch=settings.batch, seed=seed, device=device)
    losses = {
        "identity": lambda: identity_loss(network.features, sampler, seed=seed),
        "attributes": lambda: attribute_loss(network, sampler),
    }
    if settings.objective in losses:
        identity = {"device": device.type, "data": hash_of_split(train), "seed": seed}
        fit(network, losses[settings.objective](), settings, f"{key} of {dataset.name}", identity, resumption)
    shape = {"n_attr": n_attr, "size": train.size}
    return {"config": settings.model_dump(mode="json")} | shape | {"state": network.cpu().state_dict()}
