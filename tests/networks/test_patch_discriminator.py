"""PatchGAN: its published size and its 70 x 70 patches."""

import pytest
import torch

from insm.networks.patch_discriminator import DiscriminatorConfig, PatchDiscriminator


@pytest.mark.parametrize(("n_attr", "count"), [(10, 2_774_977), (1, 2_765_761)])
def test_parameters_at_the_papers_size(n_attr, count):
    with torch.device("meta"):
        network = PatchDiscriminator(n_attr, DiscriminatorConfig())
    assert sum(p.numel() for p in network.parameters()) == count


@pytest.mark.parametrize(("norm", "channels", "count"), [("in", 3, 2_764_737), ("bn", 6, 2_768_705)])
def test_parameters_without_label(norm, channels, count):
    """CycleGAN's and Pix2pix's."""
    with torch.device("meta"):
        network = PatchDiscriminator(0, DiscriminatorConfig(norm=norm), channels=channels)
        logits = network(torch.zeros(2, channels, 256, 256))
    assert logits.shape == (2, 1, 30, 30)
    assert sum(p.numel() for p in network.parameters()) == count


@pytest.mark.parametrize(("size", "downs", "cells"), [(256, 3, 30), (128, 3, 14), (64, 2, 14), (32, 2, 6), (32, 1, 14)])
def test_one_logit_per_patch(size, downs, cells):
    with torch.device("meta"):
        logits = PatchDiscriminator(10, DiscriminatorConfig(width=8, downs=downs))(
            torch.zeros(2, 3, size, size), torch.zeros(2, 10)
        )
    assert logits.shape == (2, 1, cells, cells)


@pytest.mark.parametrize(("downs", "patch"), [(1, 16), (2, 34), (3, 70)])
def test_a_logit_sees_its_patch(downs, patch):
    torch.manual_seed(0)
    network = PatchDiscriminator(2, DiscriminatorConfig(width=4, downs=downs, norm="none"))
    image = torch.randn(1, 3, 128, 128, requires_grad=True)
    logits = network(image, torch.ones(1, 2))
    logits[0, 0, logits.shape[2] // 2, logits.shape[3] // 2].backward()
    seen = image.grad.abs().sum(dim=(0, 1)) > 0
    for axis in (0, 1):
        where = seen.any(dim=axis).nonzero()
        assert where.max() - where.min() + 1 == patch


def test_logits_depend_on_the_label():
    torch.manual_seed(0)
    network, image = PatchDiscriminator(2, DiscriminatorConfig(width=8, downs=2)), torch.randn(1, 3, 32, 32)
    one, other = (network(image, torch.tensor([[1.0, attribute]])) for attribute in (0.0, 1.0))
    assert not torch.allclose(one, other, atol=1e-4)


def test_instance_norm_has_no_parameters_and_can_be_left_out():
    with_norm, without = (
        PatchDiscriminator(2, DiscriminatorConfig(width=8, downs=3, norm=norm)).state_dict() for norm in ("in", "none")
    )
    assert {name: value.shape for name, value in with_norm.items()} == {k: v.shape for k, v in without.items()}


def test_widths_stop_at_eight_times_the_first():
    with torch.device("meta"):
        shapes = [
            p.shape for p in PatchDiscriminator(1, DiscriminatorConfig(width=4, downs=6)).parameters() if p.ndim == 4
        ]
    assert [shape[0] for shape in shapes] == [4, 8, 16, 32, 32, 32, 32, 1]


def test_spectral_norm_bounds_every_convolution():
    torch.manual_seed(0)
    network = PatchDiscriminator(2, DiscriminatorConfig(width=8, downs=2, norm="none", spectral_norm=True))
    for _ in range(30):  # power iterations
        network(torch.rand(2, 3, 32, 32), torch.zeros(2, 2))
    for layer in network.layers:
        if hasattr(layer, "weight"):
            assert torch.linalg.matrix_norm(layer.weight.flatten(1), 2).item() == pytest.approx(1, abs=0.02)
