"""Pix2pix's U-Net: its published sizes, batch norm in three modes, dropout at the right levels."""

import pytest
import torch
from torch import nn

from insm.networks.unet import InnermostTransposed, UNet, UNetConfig, drop
from insm.support.runtime import generator


def small(size=32, dropout_levels=None, width=4) -> UNet:
    torch.manual_seed(0)
    return UNet(size, UNetConfig(width=width, dropout_levels=dropout_levels))


@pytest.fixture
def image():
    return torch.rand(4, 3, 32, 32, generator=generator(1)) * 2 - 1


@pytest.mark.parametrize(("size", "count"), [(256, 54_413_955), (128, 41_828_995)])
def test_parameters_at_the_papers_sizes(size, count):
    with torch.device("meta"):
        network = UNet(size, UNetConfig())
    assert sum(p.numel() for p in network.parameters()) == count


def test_the_lua_releases_first_convolution_has_a_bias():
    with torch.device("meta"):
        with_bias, without = UNet(256, UNetConfig(first_bias=True)), UNet(256, UNetConfig())
    assert {name for name, _ in with_bias.named_parameters()} - {n for n, _ in without.named_parameters()} == {
        "downs.0.0.bias"
    }


def test_channels_of_every_level_at_256_px():
    with torch.device("meta"):
        shapes = [p.shape for p in UNet(256, UNetConfig()).parameters() if p.ndim == 4]
    assert [shape[0] for shape in shapes[:8]] == [64, 128, 256, 512, 512, 512, 512, 512]
    assert [shape[:2] for shape in shapes[8:]] == [
        (512, 512), *[(1024, 512)] * 3, (1024, 256), (512, 128), (256, 64), (128, 3)
    ]  # fmt: skip


@pytest.mark.parametrize(("size", "levels"), [(8, 3), (16, 4), (32, 5), (64, 6)])
def test_the_innermost_map_is_one_pixel(size, levels):
    network = small(size)
    seen = []
    network.downs[-1][0].register_forward_hook(lambda layer, inputs, made: seen.append(made.shape[2:]))
    made = network(torch.randn(2, 3, size, size) * 9)
    assert made.shape == (2, 3, size, size) and made.abs().max() <= 1
    assert seen == [(1, 1)] and len(network.downs) == levels


@pytest.mark.parametrize("size", [4, 24, 96, 100])
def test_a_size_that_does_not_halve_to_one_is_refused(complains, size):
    with complains("data.size", f"{size} px", "power of two"):
        small(size)


def test_skips_carry_detail_past_the_bottleneck(image):
    network = small().eval()
    with torch.no_grad():
        network.downs[-1][0].weight.zero_()
        here, there = network(image[:1]), network(image[1:2])
    assert (here - there).abs().max() > 1e-3


@pytest.mark.parametrize(("size", "dropped"), [(32, 0), (64, 1), (128, 2), (256, 3)])
def test_dropout_levels_grow_with_the_size_just_outside_the_innermost(size, dropped):
    network, maps = small(size, width=1).eval(), []
    for conv, norm in network.ups[:-1]:  # constant maps, so that only dropout clears a value
        conv.weight.data.zero_()
        norm.bias.data.fill_(1)
    for conv, _ in network.ups[1:]:
        conv.register_forward_pre_hook(lambda layer, inputs: maps.append(inputs[0]))
    with torch.no_grad():
        image = torch.rand(1, 3, size, size, generator=generator(1))
        network(image), network(image, network.dropout_masks(1, generator(2)))
    plain, noisy = maps[: len(maps) // 2], maps[len(maps) // 2 :]
    halves = [x.shape[1] // 2 for x in plain]  # the first half of a map is the skip, which stays
    assert all(torch.equal(a[:, :h], b[:, :h]) for a, b, h in zip(plain, noisy, halves, strict=True))
    cleared = [bool((b[:, h:] == 0).any()) for b, h in zip(noisy, halves, strict=True)]
    assert cleared == [1 <= level <= dropped for level in range(len(cleared))]


def test_dropout_clears_half_and_keeps_the_mean():
    network = UNet(128, UNetConfig(dropout=0.2))
    for mask, channels, side in zip(network.dropout_masks(4, generator(0)), (512, 512), (4, 8), strict=True):
        assert mask.shape == (4, channels, side, side) and mask.float().mean().item() == pytest.approx(0.8, abs=0.02)
        kept = drop(torch.ones(mask.shape), mask, 0.2)
        assert kept.unique().tolist() == [0.0, 1.25] and kept.mean().item() == pytest.approx(1, abs=0.02)


def test_masks_alone_decide_about_dropout(image):
    network = small(dropout_levels=2).eval()
    first, same, other = (network.dropout_masks(len(image), generator(seed)) for seed in (0, 0, 1))
    assert torch.equal(network(image), network(image))
    assert torch.equal(network(image, first), network(image, same))
    assert not torch.equal(network(image, first), network(image, other))
    assert not torch.equal(network(image, first), network(image))


def test_normalising_per_image_is_training_mode_on_a_batch_of_one(image):
    alone, together = small(), small()
    oracle = torch.cat([alone.train()(x[None]) for x in image])
    before = {name: value.clone() for name, value in together.state_dict().items()}
    for mode in (True, False):
        made = together.train(mode)(image, per_image=True)
        torch.testing.assert_close(made, oracle, atol=1e-5, rtol=1e-4)
    assert all(torch.equal(value, before[name]) for name, value in together.state_dict().items())


def test_test_mode_uses_running_statistics(image):
    network = small()
    with torch.no_grad():
        for _ in range(3):
            network.train()(image)
        together = network.eval()(image)
        torch.testing.assert_close(network(image[:1]), together[:1], atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(network(image * 2)[:1], network(image[:1] * 2), atol=1e-5, rtol=1e-4)
        assert not torch.allclose(network.train()(image), together, atol=1e-3)


@pytest.mark.parametrize("size", [1, 2])
def test_the_innermost_transposed_convolutions_are_torchs_own(size):
    """To rounding, gradients included."""
    ours, torchs = InnermostTransposed(6, 5, 4, 2, 1, bias=False), nn.ConvTranspose2d(6, 5, 4, 2, 1, bias=False)
    torchs.load_state_dict(ours.state_dict())
    x = torch.randn(3, 6, size, size)
    made = []
    for layer in (ours, torchs):
        given = x.clone().requires_grad_()
        result = layer(given)
        result.square().sum().backward()
        made.append((result, given.grad, layer.weight.grad))
    for mine, right in zip(*made, strict=True):
        torch.testing.assert_close(mine, right)


@pytest.mark.parametrize("upsample", ["transposed", "nearest"])
def test_products_of_matrices_stand_for_transposed_convolutions_of_hardly_a_pixel_alone(upsample):
    network = UNet(32, UNetConfig(width=4, upsample=upsample))
    kinds = [isinstance(up[0], InnermostTransposed) for up in network.ups]
    assert kinds == [upsample == "transposed"] * 2 + [False] * 3
