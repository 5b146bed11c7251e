"""Training steps of every method on noise: embedded sizes below 128 px, the papers' sizes from there on."""

import time
from collections.abc import Callable
from typing import Any

import torch

from insm.config.jobs import BudgetConfig, RunConfig
from insm.data.dataset import load_dataset
from insm.networks.counting import count_training
from insm.networks.embedding import EmbeddingConfig, build
from insm.networks.method import MethodConfig, method_config
from insm.training import arithmetic, capture
from insm.training.noise import noise
from insm.training.updates import Updates

ROUND = 5  # steps: methods update some networks every fifth step
PAPERS = 128  # px from which networks have the papers' sizes
PHI = EmbeddingConfig(widths=(8, 16, 32))
RESNET = {"width": 16, "downs": 2, "blocks": 4, "kernel": 3}
SMALL: dict[str, dict[str, Any]] = {
    "init": {
        "generator": RESNET | {"output": "masked", "upsample": "nearest"},
        "discriminator": {"width": 32, "downs": 3, "norm": "none", "init": "default", "spectral_norm": True},
        "aiw": {"apply_to": "discriminator"},
    },
    "stargan": {"generator": RESNET, "discriminator": {"width": 32}},
    "attgan": {"generator": {"width": 32}, "discriminator": {"width": 32, "features": 128}},
    "stgan": {"generator": {"width": 32}, "discriminator": {"width": 32, "features": 128}},
    "cyclegan": {"generator": RESNET, "discriminator": {"width": 32, "downs": 2}},
    "pix2pix": {"generator": {"width": 16}, "discriminator": {"width": 32, "downs": 2}},
}
TASKS = {"cyclegan": ("vistas", "balanced", "flip"), "pix2pix": ("footwear", "balanced", "flip")}
FACES = ("portraits", "epochs", "perm")  # others: dataset, sampling and target labels


def config_of(method: str, size: int) -> MethodConfig:
    """Settings of a method for images of a size."""
    return method_config({"method": method} | (SMALL[method] if size < PAPERS else {}), method)


def updates_of(method: str, size: int, batch: int, device: torch.device, **training: Any) -> Updates:
    """A run of a method that is ready to be stepped; `training` are keys of its budget, such as `precision`."""
    dataset_name, sampling, target = TASKS.get(method, FACES)
    dataset, config = load_dataset(dataset_name), config_of(method, size)
    budget = BudgetConfig(updates=100_000, batch=batch, sampling=sampling, target=target, **training)
    settings = config.model_dump(mode="json")
    run = RunConfig(
        task="noise", variant=method, seed=0, dataset=dataset_name, size=size, training=budget, method=settings
    )
    phi = build(PHI, len(dataset.attributes), size).to(device).eval() if config.needs_embedding else None
    updates = Updates(run, noise(dataset, size, batch), phi, device)
    arithmetic.use(updates, budget, device)
    if budget.cuda_graphs:
        capture.use(updates)
    return updates


def operations(method: str, size: int, batch: int) -> float:
    """Operations of a step, the mean over the schedule, two to a multiply-accumulate."""
    dataset = load_dataset(TASKS.get(method, FACES)[0])
    return 2 * count_training(config_of(method, size), len(dataset.attributes), size, batch, dataset.paired, PHI).macs


def seconds_per_step(step: Callable[[int], object], device: torch.device, budget: float) -> float:
    """Of rounds of steps, the median, after two that are not counted; `budget` seconds are spent, or three rounds."""
    count, rounds, ends = 0, [], time.perf_counter() + budget
    while len(rounds) < 5 or time.perf_counter() < ends:
        synchronise(device)
        began = clock(device)
        for _ in range(ROUND):
            step(count)
            count += 1
        synchronise(device)
        rounds.append((clock(device) - began) / ROUND)
    counted = sorted(rounds[2:])
    return counted[len(counted) // 2]


def clock(device: torch.device) -> float:
    """Processor time on a CPU, which other work on the machine hardly changes."""
    return time.process_time() if device.type == "cpu" else time.perf_counter()


def synchronise(device: torch.device) -> None:
    """Wait until the device has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize()
