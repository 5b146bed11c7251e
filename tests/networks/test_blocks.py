"""Pieces that several networks share."""

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from insm.networks.blocks import init_fan_in, init_normal, tile_label, upsampling


def test_labels_become_constant_planes_behind_the_image():
    image, label = torch.rand(2, 3, 4, 5), torch.tensor([[1.0, 0.0], [0.5, 1.0]])
    tiled = tile_label(image, label)
    assert tiled.shape == (2, 5, 4, 5)
    assert torch.equal(tiled[:, :3], image)
    assert (tiled[0, 3] == 1).all() and (tiled[1, 3] == 0.5).all() and (tiled[:, 4] == label[:, 1, None, None]).all()


@pytest.mark.parametrize("wrap", [lambda layer: layer, spectral_norm])
def test_normal_initialisation_reaches_the_weights_also_under_spectral_norm(wrap):
    torch.manual_seed(0)
    layer = wrap(nn.Conv2d(32, 64, 3))
    init_normal(layer)
    drawn = layer.parametrizations.weight.original if wrap is spectral_norm else layer.weight
    assert drawn.std().item() == pytest.approx(0.02, rel=0.05) and (layer.bias == 0).all()


@pytest.mark.parametrize(("kind", "checkered"), [("transposed", True), ("nearest", False)])
def test_only_transposed_convolutions_paint_a_checkerboard_on_a_constant_map(kind, checkered):
    torch.manual_seed(0)
    layers = nn.Sequential(*upsampling(kind, 4, 2, bias=True))
    with torch.no_grad():
        made = layers(torch.ones(1, 4, 8, 8))
    assert made.shape == (1, 2, 16, 16)
    spread = made[..., 2:-2, 2:-2].std(dim=(2, 3)).max().item()  # away from the padding
    assert spread > 0.01 if checkered else spread < 1e-6


@pytest.mark.parametrize("gain", [1.0, 2.0])
@pytest.mark.parametrize("layer", [nn.Conv2d(32, 64, 4), nn.ConvTranspose2d(64, 32, 4), nn.Linear(512, 64)])
def test_fan_in_initialisation(layer, gain):
    """512 inputs to each output; torch's own He initialisation counts alike."""
    torch.manual_seed(0)
    init_fan_in(layer, gain)
    assert layer.weight.std().item() == pytest.approx((gain / 512) ** 0.5, rel=0.02)
    assert not layer.bias.any()
    if gain == 2:
        nn.init.kaiming_normal_(other := layer.weight.detach().clone())
        assert layer.weight.std().item() == pytest.approx(other.std().item(), rel=0.02)


def test_he_initialisation_keeps_the_size_of_features():
    torch.manual_seed(0)
    network = nn.Sequential(*(layer for _ in range(6) for layer in (nn.Linear(512, 512), nn.ReLU())))
    init_fan_in(network, 2.0)
    x = torch.randn(256, 512)
    assert network(x).square().mean().item() == pytest.approx(1, rel=0.3)
