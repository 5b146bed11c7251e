"""Training steps of every method on noise: embedded sizes below 128 px, the papers' sizes from there on."""

import statistics
import time
from collections.abc import Callable
from functools import cache, partial
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

BLOCKS = 3  # of steps of a kind, of whose times the median is taken
LONGEST = 50  # steps in a block
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
    "relgan": {"generator": RESNET, "discriminator": {"width": 32}},
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


@cache
def operations(method: str, size: int, batch: int) -> float:
    """Operations of a step, the mean over the schedule, two to a multiply-accumulate."""
    dataset = load_dataset(TASKS.get(method, FACES)[0])
    return 2 * count_training(config_of(method, size), len(dataset.attributes), size, batch, dataset.paired, PHI).macs


def seconds_per_step(updates: Updates, device: torch.device, budget: float) -> float:
    """Of the mean step of a training: each kind of step is timed for its part of `budget` seconds, a slow one once.

    Before, each is made until it is recorded, or twice.
    """
    schedule, found = updates.method.config.schedule, 0.0
    untimed = capture.WARM + 1 if isinstance(updates.apply, capture.Captured) else 2
    for kind, share in schedule.items():
        for _ in range(untimed):
            updates(kind)
        found += share * seconds_of(partial(updates, kind), device, budget / len(schedule))
    return found


def seconds_of(step: Callable[[], object], device: torch.device, budget: float) -> float:
    """Of a step: the median over blocks of them that take about `budget` seconds in all, or one step if it is slow."""
    once = timed(step, 1, device)
    if once * 2 > budget:
        return once
    count = max(1, min(LONGEST, int(budget / BLOCKS / once)))
    return statistics.median(timed(step, count, device) / count for _ in range(BLOCKS))


def timed(step: Callable[[], object], count: int, device: torch.device) -> float:
    """Seconds of so many steps."""
    synchronise(device)
    began = clock(device)
    for _ in range(count):
        step()
    synchronise(device)
    return clock(device) - began


def clock(device: torch.device) -> float:
    """Processor time on a CPU, which other work on the machine hardly changes."""
    return time.process_time() if device.type == "cpu" else time.perf_counter()


def synchronise(device: torch.device) -> None:
    """Wait until the device has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize()
