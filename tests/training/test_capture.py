"""Recorded steps: on a CPU bit for bit the same on the places of a recording, on a GPU graphs beside eager steps."""

import gc
import weakref

import pytest
import torch
from torch import nn

from insm.config.jobs import BudgetConfig, RunConfig
from insm.data.dataset import load_dataset
from insm.networks.method import METHODS
from insm.training import capture
from insm.training.updates import Updates

SMALL = {"width": 4, "downs": 1, "blocks": 1, "kernel": 3}
METHOD = {
    "init": {"generator": SMALL, "discriminator": {"width": 4, "downs": 1, "spectral_norm": True}, "lambda_rec": 1},
    "stargan": {"generator": SMALL, "discriminator": {"width": 4}, "d_steps": 3},
    "attgan": {"generator": {"width": 4}, "discriminator": {"width": 4, "features": 8}, "d_steps": 2},
    "stgan": {"generator": {"width": 4}, "discriminator": {"width": 4, "features": 8}, "d_steps": 2},
    "cyclegan": {"generator": SMALL, "discriminator": {"width": 4, "downs": 1}, "pool": 2},
    "pix2pix": {"generator": {"width": 4, "dropout_levels": 2}, "discriminator": {"width": 4, "downs": 1}},
    "relgan": {"generator": SMALL, "discriminator": {"width": 4, "degrees": 2}},
}
TWO_DOMAINS = {"sampling": "balanced", "target": "flip"}
DATASET = {"cyclegan": ("vistas", TWO_DOMAINS), "pix2pix": ("footwear", TWO_DOMAINS)}
GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
ALL = pytest.mark.parametrize("name", METHODS.names())


class Colours(nn.Module):
    """A phi without weights."""

    def forward(self, image):
        return image.mean(dim=(2, 3))


def updates(name: str, device: str = "cpu", total: int = 20) -> Updates:
    dataset, sampling = DATASET.get(name, ("portraits", {}))
    method = {"method": name, "optimiser": {"lr": 1e-3, "lr_decay": "linear"}, "ema": 0.9} | METHOD.get(name, {})
    run = RunConfig(
        task="t", variant=name, seed=0, method=method, dataset=dataset, size=32,
        training=BudgetConfig(updates=total, batch=4, flip=True, **sampling),
    )  # fmt: skip
    return Updates(run, load_dataset(dataset).build("train", 16, 32, 0), Colours(), device)


def states(u: Updates) -> list[torch.Tensor]:
    """Weights, buffers, averages and the log's values."""
    return [
        *u.method.state_dict().values(), *u.average.state_dict().values(), *u.losses.values(), *u.logged.values(),
    ]  # fmt: skip


@ALL
def test_the_path_of_a_recording_computes_the_same_bytes_on_a_cpu(name):
    eager, captured = updates(name), updates(name)
    capture.use(captured)
    for step in range(eager.total):
        eager(step)
        captured(step)
        assert list(eager.losses) == list(captured.losses)
        every = sorted(captured.apply.recorded) == sorted(captured.method.config.schedule)
        assert every == (step + 1 >= capture.steps_to_record(captured.method.config))
    recorded = captured.apply.recorded
    assert sorted(recorded) == sorted(captured.method.config.schedule), "a recording for each kind of step"
    assert all(torch.equal(a, b) for a, b in zip(states(eager), states(captured), strict=True))


def test_a_recording_keeps_its_places(split):
    u = updates("init")
    capture.use(u)
    for step in range(capture.WARM + 1):
        u(step)
    places = [tensor.data_ptr() for tensor in capture.tensors(u.apply.recorded[0].batch)]
    u(capture.WARM + 1)
    assert places == [tensor.data_ptr() for tensor in capture.tensors(u.apply.recorded[0].batch)]
    for place, drawn in zip(
        capture.tensors(u.apply.recorded[0].batch), capture.tensors(u.sampler(capture.WARM + 1)), strict=True
    ):
        assert torch.equal(place, drawn)


def test_recordings_are_freed_with_the_updates():
    u = updates("stargan")
    capture.use(u)
    for step in range(u.total):
        u(step)
    known = [weakref.ref(u), weakref.ref(u.apply), *(weakref.ref(step) for step in u.apply.recorded.values())]
    gc.disable()  # so that only what is in no cycle goes
    try:
        del u
        assert [ref() for ref in known] == [None] * 4
    finally:
        gc.enable()


@GPU
@ALL
def test_graphs_follow_eager_steps_on_a_gpu(name):
    """So many steps that all kinds are recorded; learning rates are float32 on the device on both sides."""
    eager, captured = updates(name, "cuda", 200), updates(name, "cuda", 200)
    capture.keep_rates_on_device(eager)
    capture.use(captured)
    for step in range(eager.total):
        eager(step)
        captured(step)
    assert sorted(captured.apply.recorded) == sorted(captured.method.config.schedule)
    for one, other in zip(states(eager), states(captured), strict=True):
        torch.testing.assert_close(one, other, **capture.NEAR)
