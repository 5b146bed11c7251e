"""Switchable normalisation against torch's own layers at the corners of its mixture."""

import pytest
import torch
import torch.nn.functional as F

from insm.networks.switchable_norm import SwitchableNorm2d
from insm.support.runtime import generator

CORNERS = {
    "instance": (0, lambda x: F.instance_norm(x)),
    "layer": (1, lambda x: F.layer_norm(x, x.shape[1:])),
    "batch": (2, lambda x: F.batch_norm(x, None, None, training=True)),
}


@pytest.fixture
def x():
    return torch.randn(5, 4, 6, 8, generator=generator(0)) * 3 + torch.arange(4.0).view(1, 4, 1, 1)


@pytest.mark.parametrize("corner", CORNERS)
def test_pure_mixtures_are_the_known_norms(corner, x):
    norm, (place, oracle) = SwitchableNorm2d(4), CORNERS[corner]
    norm.mean_mixture.data[place] = norm.var_mixture.data[place] = 100
    torch.testing.assert_close(norm(x), oracle(x), atol=1e-4, rtol=1e-4)


def test_it_begins_as_an_even_mixture_of_statistics(x):
    y = x.double()
    axes = (2, 3), (1, 2, 3), (0, 2, 3)
    mean = sum(y.mean(a, keepdim=True) for a in axes) / 3
    var = sum(y.var(a, correction=0, keepdim=True) for a in axes) / 3
    torch.testing.assert_close(SwitchableNorm2d(4)(x).double(), (y - mean) / (var + 1e-5).sqrt(), atol=1e-5, rtol=1e-5)


def test_scale_shift_and_two_mixtures_are_learnt(x):
    norm = SwitchableNorm2d(4)
    assert sum(p.numel() for p in norm.parameters()) == 2 * 4 + 6
    (norm(x) ** 3).sum().backward()
    assert all(p.grad.abs().sum() > 0 for p in norm.parameters())


def test_in_evaluation_every_image_is_normalised_alone_by_running_statistics(x):
    norm = SwitchableNorm2d(4)
    for _ in range(200):
        trained = norm(x)
    norm.eval()
    before = {name: value.clone() for name, value in norm.state_dict().items()}
    torch.testing.assert_close(norm(x), trained, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(norm(x[:1]), norm(x)[:1])
    assert all(torch.equal(before[name], value) for name, value in norm.state_dict().items())
