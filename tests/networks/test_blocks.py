"""Pieces that several networks share."""

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from insm.networks.blocks import (
    InstanceNorm2d,
    UpsampledConv2d,
    convolve_tiled,
    in_one_pass,
    init_fan_in,
    init_normal,
    tile_label,
    upsampling,
)
from insm.networks.cyclegan_generator import ReflectionPad


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
    layers = upsampling(kind, 4, 2, bias=True)
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


def equal_with_gradients(one, other, *inputs):
    """Two functions of the same float64 tensors: values, gradients and gradients of gradients."""
    results = []
    for function in (one, other):
        leaves = [x.detach().clone().requires_grad_() for x in inputs]
        made = function(*leaves)
        first = torch.autograd.grad(made.square().sum(), leaves, create_graph=True)
        second = torch.autograd.grad(sum(grad.square().sum() for grad in first), leaves)
        results.append([made, *first, *second])
    torch.testing.assert_close(*results)


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(7, 1, 3), (3, 1, 1), (4, 2, 1)])
def test_a_convolution_of_a_tiled_label_is_that_of_its_planes(kernel, stride, padding):
    torch.manual_seed(0)
    conv = nn.Conv2d(3 + 4, 6, kernel, stride, padding).double()
    image, label = torch.randn(5, 3, 8, 8).double(), torch.randn(5, 4).double()
    equal_with_gradients(lambda x, a: convolve_tiled(conv, x, a), lambda x, a: conv(tile_label(x, a)), image, label)
    both = [conv(tile_label(image, label)), convolve_tiled(conv, image, label)]
    gradients = [torch.autograd.grad(made.square().sum(), (conv.weight, conv.bias)) for made in both]
    torch.testing.assert_close(*gradients)


def test_a_tiled_label_takes_one_power_iteration_under_spectral_norm():
    torch.manual_seed(0)
    one, other = (spectral_norm(nn.Conv2d(3 + 4, 6, 4, 2, 1)) for _ in range(2))
    other.load_state_dict(one.state_dict())
    image, label = torch.randn(5, 3, 8, 8), torch.randn(5, 4)
    torch.testing.assert_close(convolve_tiled(one, image, label), other(tile_label(image, label)))
    for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize("border", ["zeros", "reflect"])
@pytest.mark.parametrize("shape", [(4, 4), (3, 5), (1, 2), (5, 6)])
def test_an_upsampled_convolution_repeats_pixels_and_convolves(border, shape):
    torch.manual_seed(0)
    fast = UpsampledConv2d(3, 2, bias=True, padding_mode=border).double()
    slow = nn.Conv2d(3, 2, 3, padding=1 if border == "zeros" else 0).double()
    slow.load_state_dict(fast.state_dict())
    pad = nn.Identity() if border == "zeros" else ReflectionPad(1)
    image = torch.randn(2, 3, *shape).double()
    repeated = nn.Sequential(nn.Upsample(scale_factor=2), pad, slow)
    equal_with_gradients(fast, repeated, image)
    gradients = [
        torch.autograd.grad(network(image).square().sum(), list(network.parameters())) for network in (fast, repeated)
    ]
    torch.testing.assert_close(*gradients)


@pytest.mark.parametrize("affine", [False, True])
def test_instance_norm_is_torchs(affine):
    torch.manual_seed(0)
    mine, torchs = InstanceNorm2d(4, 1e-3, affine).double(), nn.InstanceNorm2d(4, 1e-3, affine=affine).double()
    for parameter in mine.parameters():
        nn.init.normal_(parameter)
    torchs.load_state_dict(mine.state_dict())
    equal_with_gradients(mine, torchs, torch.randn(3, 4, 5, 6).double())
    for norm in (mine, torchs):
        with pytest.raises(ValueError, match="more than 1 spatial element"):
            norm(torch.randn(3, 4, 1, 1).double())


@pytest.mark.parametrize(("norm", "passes"), [(InstanceNorm2d, 1), (nn.BatchNorm2d, 3)])
def test_batches_are_joined_unless_a_norm_would_mix_them(norm, passes):
    torch.manual_seed(0)
    network, calls = nn.Sequential(nn.Conv2d(3, 4, 1), norm(4)).double(), []
    batches = [torch.randn(n, 3, 4, 4).double() + n for n in (2, 1, 3)]
    expected = [network(batch) for batch in batches]
    network.register_forward_hook(lambda module, inputs, output: calls.append(1))
    got = in_one_pass(network, *((batch,) for batch in batches))
    torch.testing.assert_close(got, expected)
    assert len(calls) == passes
