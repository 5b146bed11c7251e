"""CycleGAN's generator: its published sizes, reflection padding, every image on its own."""

import pytest
import torch
import torch.nn.functional as F

from insm.networks.cyclegan_generator import CycleGANGenerator, CycleGANGeneratorConfig, ReflectionPad, ToImage


def small(downs=2) -> CycleGANGenerator:
    torch.manual_seed(0)
    return CycleGANGenerator(CycleGANGeneratorConfig(width=4, downs=downs, blocks=1))


@pytest.mark.parametrize(("size", "blocks", "count"), [(256, 9, 11_378_179), (128, 6, 7_837_699)])
def test_parameters_at_the_papers_sizes(size, blocks, count):
    with torch.device("meta"):
        network = CycleGANGenerator(CycleGANGeneratorConfig(blocks=blocks))
        assert network(torch.zeros(1, 3, size, size)).shape == (1, 3, size, size)
    assert sum(p.numel() for p in network.parameters()) == count
    assert not list(network.buffers()), "no running statistics"


@pytest.mark.parametrize("shape", [(16, 16), (32, 64), (40, 24)])
@pytest.mark.parametrize("downs", [0, 1, 2, 3])
def test_images_keep_their_shape_and_range(shape, downs):
    made = small(downs)(torch.randn(2, 3, *shape) * 9)
    assert made.shape == (2, 3, *shape) and made.abs().max() <= 1


@pytest.mark.parametrize("n", [1, 3])
def test_reflection_padding_and_its_gradient_are_those_of_torch(n):
    x = torch.randn(2, 3, 5, 7, dtype=torch.float64, requires_grad=True)
    ours, theirs = ReflectionPad(n)(x), F.pad(x, (n, n, n, n), mode="reflect")
    assert torch.equal(ours, theirs)
    weight = torch.randn_like(ours)
    gradients = [torch.autograd.grad((weight * padded).sum(), x)[0] for padded in (ours, theirs)]
    torch.testing.assert_close(*gradients)


def test_every_image_is_translated_alone_in_training_and_test_mode():
    network, image = small(), torch.rand(3, 3, 16, 16) * 2 - 1
    together = network(image)
    torch.testing.assert_close(together, torch.cat([network(x[None]) for x in image]), atol=1e-5, rtol=1e-4)
    assert torch.equal(network.eval()(image), together)


def test_mirroring_the_network_mirrors_the_image():
    """Reflection pads alike on all sides, so with symmetric kernels a mirrored image gives the mirrored output."""
    network = small(downs=0)
    for p in network.parameters():
        if p.ndim == 4:
            p.data = (p.data + p.data.flip(3)) / 2
    image = torch.rand(1, 3, 16, 16)
    torch.testing.assert_close(network(image.flip(3)), network(image).flip(3), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("kernel", [3, 5, 7])
def test_the_convolution_to_an_image_is_torchs_own(kernel):
    """To rounding, gradients included; up to k3 bit for bit."""
    ours, torchs = ToImage(6, 3, kernel), torch.nn.Conv2d(6, 3, kernel)
    torchs.load_state_dict(ours.state_dict())
    x, weights = torch.randn(2, 6, 11, 13), torch.randn(2, 3, 12 - kernel, 14 - kernel)
    made = []
    for layer in (ours, torchs):
        given = x.clone().requires_grad_()
        result = layer(given)
        (result * weights).sum().backward()
        made.append((result, given.grad, layer.weight.grad, layer.bias.grad))
    for mine, right in zip(*made, strict=True):
        torch.testing.assert_close(mine, right)
        assert kernel > 3 or torch.equal(mine, right)
