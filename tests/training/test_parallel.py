"""Two processes over gloo compute what one does: the statistics of the whole batch, the same sample order."""

import dataclasses
import os
import socket
from pathlib import Path

import pytest
import torch
import torch.multiprocessing
from torch import nn

from insm.config.jobs import RunConfig, RuntimeConfig, TrainingConfig
from insm.data.dataset import load_dataset
from insm.training.parallel import Processes
from insm.training.trainer import Trainer

STEPS = 20
GENERATOR = {"width": 4, "downs": 1, "blocks": 1, "kernel": 3}
TWO_DOMAINS = {"sampling": "balanced", "target": "flip"}
TASKS = {"cyclegan": ("vistas", TWO_DOMAINS), "pix2pix": ("footwear", TWO_DOMAINS)}
"""Dataset and how it is sampled; others: portraits."""
METHODS = {
    "init-c": {
        "method": "init", "lambda_rec": 1, "aiw": {"enabled": True}, "mst": {"hops": 2},
        "generator": GENERATOR, "discriminator": {"width": 4, "downs": 1},
    },
    "attgan": {
        "method": "attgan", "d_steps": 1,
        "generator": {"width": 4, "levels": 2, "shortcuts": 1}, "discriminator": {"width": 4},
    },
    "relgan": {  # a loss of the parameters themselves, and a discriminator whose parts are called one by one
        "method": "relgan", "norm": "in", "lambda_ortho": 1e-2, "wrong_triples": "checked",
        "generator": {"width": 4, "downs": 1, "blocks": 1, "kernel": 3}, "discriminator": {"width": 4},
    },
    "stargan": {"method": "stargan", "d_steps": 1, "generator": GENERATOR, "discriminator": {"width": 4}},
    "stgan": {
        "method": "stgan", "d_steps": 1,
        "generator": {"width": 4, "levels": 2, "shortcuts": 1}, "discriminator": {"width": 4},
    },
    "cyclegan": {"method": "cyclegan", "generator": GENERATOR, "discriminator": {"width": 4, "downs": 1}},
    "pix2pix": {"method": "pix2pix", "generator": {"width": 4}, "discriminator": {"width": 4, "downs": 1}},
}  # fmt: skip


class Phi(nn.Module):
    """A phi without weights: mean colours."""

    def forward(self, image):
        return image.mean(dim=(2, 3))


def run_of(variant) -> RunConfig:
    dataset, sampling = TASKS.get(variant, ("portraits", {}))
    training = TrainingConfig(updates=STEPS, batch=8, flip=True, **sampling).budget_config()
    return RunConfig(
        task="t", variant=variant, seed=0, method=METHODS[variant], dataset=dataset, size=32, training=training
    )


def double(value):
    """A batch or a tensor in double precision: Adam makes whole steps of gradients that are nothing but rounding."""
    if isinstance(value, torch.Tensor):
        return value.double() if value.is_floating_point() else value
    if isinstance(value, dict):
        return {name: double(part) for name, part in value.items()}
    if dataclasses.is_dataclass(value):
        parts = {field.name: double(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return dataclasses.replace(value, **parts)
    return value


def train(variant, folder: Path) -> None:
    """Train 20 steps in double precision and write weights and losses."""
    run = run_of(variant)
    split = load_dataset(run.dataset).build("train", 24, 32, 0)
    trainer = Trainer(run, split, Phi(), folder, folder, RuntimeConfig(device="cpu"))
    trainer.method.double()
    updates, sampler = trainer.updates, trainer.updates.sampler
    updates.sampler = lambda step: double(sampler(step))
    losses = []
    for step in range(STEPS):
        trainer.step(step)
        losses.append({name: float(value) for name, value in (updates.losses | updates.logged).items()})
    torch.save({"weights": trainer.method.state_dict(), "losses": losses}, folder / f"{trainer.processes.rank}.pt")


def work(rank, port, variant, folder) -> None:
    os.environ |= {"RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    torch.set_num_threads(1)
    train(variant, folder)


@pytest.mark.parametrize("variant", METHODS)
def test_two_processes_equal_one(variant, tmp_path):
    alone, both = tmp_path / "alone", tmp_path / "both"
    alone.mkdir()
    both.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    torch.multiprocessing.spawn(work, (port, variant, both), nprocs=2)
    train(variant, alone)
    expected = torch.load(alone / "0.pt")
    for rank in (0, 1):
        got = torch.load(both / f"{rank}.pt")
        assert expected["weights"].keys() == got["weights"].keys()
        for name, value in expected["weights"].items():
            torch.testing.assert_close(got["weights"][name], value, rtol=0, atol=1e-5, msg=name)
        assert got["losses"] == [pytest.approx(row, abs=1e-5) for row in expected["losses"]]


def test_a_batch_that_cannot_be_divided_is_refused(monkeypatch, complains):
    processes = Processes()
    processes.number = 3
    with complains("training.batch", "8 images", "3 GPUs"):
        processes.divide([nn.Linear(1, 1)], 8)
