"""Keys of a budget that change the arithmetic of a training."""

import os

import pytest
import torch
from torch import nn

from insm.config.jobs import BudgetConfig, RunConfig
from insm.networks.method import METHODS
from insm.training import arithmetic
from insm.training.updates import Updates
from tests.training import test_capture

CPU = torch.device("cpu")


class Colours(nn.Module):
    """A phi without weights, which knows what it was given."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def forward(self, image):
        self.seen.append(image.dtype)
        return image.mean(dim=(2, 3))


@pytest.fixture(autouse=True)
def processor(monkeypatch):
    """One with instructions for bf16, where this process keeps the pinned kernels, for the tests that follow."""
    nn.functional.linear(torch.ones(4, 64), torch.ones(64, 64))
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    monkeypatch.setattr(arithmetic, "computes_bf16", lambda: True)
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", os.environ.get("ONEDNN_MAX_CPU_ISA", arithmetic.PINNED))


def updates(split, name="init", **keys) -> Updates:
    small = {"width": 4, "downs": 1, "blocks": 1, "kernel": 3}
    method = {"method": name, "generator": small, "discriminator": {"width": 4}}
    training = BudgetConfig(updates=6, batch=4, **keys)
    run = RunConfig(task="t", variant="v", seed=0, method=method, dataset="portraits", size=32, training=training)
    arithmetic.begin(training, CPU)
    got = Updates(run, split, Colours())
    arithmetic.use(got, training, CPU)
    return got


@pytest.mark.parametrize("name", ["init", "stargan"])
def test_bf16_rounds_features_and_keeps_weights_losses_and_gradients(split, name):
    full, mixed = updates(split, name), updates(split, name, precision="bf16")
    made = []
    mixed.method.discriminator.register_forward_hook(lambda module, inputs, output: made.append(output))
    for step in (0, 4):  # of StarGAN, the second updates the generator too
        full(step)
        mixed(step)
    assert any((x[0] if isinstance(x, tuple) else x).dtype == torch.bfloat16 for x in made)
    assert full.losses.keys() == mixed.losses.keys()
    for term, value in mixed.losses.items():
        assert value.dtype == torch.float32
        assert value.item() == pytest.approx(full.losses[term].item(), abs=0.02, rel=0.02), term
        assert value != full.losses[term] or term == "gp", f"{term} was not rounded"
    assert {x.dtype for x in mixed.method.parameters()} == {torch.float32}
    for optimiser in mixed.optimisers.values():
        assert {state["exp_avg"].dtype for state in optimiser.state.values()} == {torch.float32}


def test_a_gradient_penalty_is_not_rounded(split):
    u, kinds = updates(split, "stargan", precision="bf16"), []
    u.method.discriminator.register_forward_hook(lambda module, inputs, output: kinds.append(output[0].dtype))
    u(0)
    assert kinds == [torch.bfloat16, torch.float32]  # of images and fakes, of the places between them


def test_the_weights_of_samples_are_float32(split):
    u = updates(split, precision="bf16")
    u(0)
    assert {value.dtype for value in u.logged.values()} == {torch.float32}


def test_bf16_frees_the_instructions_that_it_needs(split, monkeypatch):
    updates(split)
    assert os.environ["ONEDNN_MAX_CPU_ISA"] == arithmetic.PINNED
    updates(split, precision="bf16")
    assert os.environ["ONEDNN_MAX_CPU_ISA"] == "DEFAULT"
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX512_CORE")
    updates(split, precision="bf16")
    assert os.environ["ONEDNN_MAX_CPU_ISA"] == "AVX512_CORE", "a choice of one's own stays"


def test_bf16_is_refused_where_it_would_be_emulated(split, monkeypatch, complains):
    for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.setattr(torch.cpu, name, lambda: False)
    with complains("training.precision", "fp32"):
        updates(split, precision="bf16")


def test_bf16_is_refused_in_a_process_that_has_computed_without_its_instructions(split, monkeypatch, complains):
    monkeypatch.undo()
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", arithmetic.PINNED)
    with complains("training.precision", "process of its own"):
        updates(split, precision="bf16")


@pytest.mark.parametrize("tf32", [False, True])
def test_tf32_is_what_the_key_says(split, tf32):
    updates(split, tf32=tf32)
    assert torch.backends.cudnn.allow_tf32 == torch.backends.cuda.matmul.allow_tf32 == tf32


def test_channels_last_changes_the_layout_alone(split):
    usual, other = updates(split), updates(split, channels_last=True)
    for u in (usual, other):
        u(0)
    weights = [x for x in other.method.parameters() if x.ndim == 4 and x.shape[1] > 1 and x.shape[2] > 1]
    assert weights and all(x.is_contiguous(memory_format=torch.channels_last) for x in weights)
    for term, value in usual.losses.items():
        torch.testing.assert_close(other.losses[term], value)


@pytest.mark.parametrize("name", METHODS.names())
def test_translating_networks_alone_are_compiled_and_called_so(name, monkeypatch):
    called = []

    def compiled(function):
        def call(*given, **named):
            called.append(function.__self__)
            return function(*given, **named)

        return call

    monkeypatch.setattr(torch, "compile", compiled)
    u = test_capture.updates(name)
    arithmetic.use(u, BudgetConfig(updates=6, compile=True), CPU)
    for step in u.method.config.schedule:
        before = len(called)
        u(step)
        assert len(called) > before, f"step {step} calls nothing that is compiled"
    translating = {module for name in u.method.translators for module in getattr(u.method, name).modules()}
    assert set(called) <= translating
    networks = [getattr(u.method, name) for name in u.method.translators]
    whole = [member for net in networks for member in (net if isinstance(net, nn.ModuleList) else [net])]
    assert set(called) == set(whole), "each of them"
