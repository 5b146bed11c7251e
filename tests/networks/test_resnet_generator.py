"""The residual generator: StarGAN's sizes, any image size, near copies before training."""

import pytest
import torch

from insm.networks.blocks import init_normal, tile_label
from insm.networks.resnet_generator import GeneratorConfig, ResnetGenerator


def small(output="tanh", first_norm="none", width=8, kernel=3, upsample="transposed") -> ResnetGenerator:
    torch.manual_seed(0)
    settings = {"width": width, "kernel": kernel, "first_norm": first_norm, "output": output, "upsample": upsample}
    network = ResnetGenerator(4, GeneratorConfig(blocks=1, **settings))
    init_normal(network)
    return network


@pytest.fixture
def image():
    return torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(1)) * 2 - 1


@pytest.mark.parametrize(("n_attr", "blocks", "count"), [(10, 6, 8_446_208), (1, 6, 8_417_984), (10, 9, 11_988_224)])
def test_parameters_are_those_of_stargan(n_attr, blocks, count):
    with torch.device("meta"):
        network = ResnetGenerator(n_attr, GeneratorConfig(blocks=blocks, first_norm="in"))
    assert sum(p.numel() for p in network.parameters()) == count


@pytest.mark.parametrize("upsample", ["transposed", "nearest"])
@pytest.mark.parametrize("output", ["tanh", "residual", "masked"])
@pytest.mark.parametrize("shape", [(16, 16), (32, 64), (40, 24)])
def test_images_keep_their_shape_at_any_size(output, shape, upsample):
    image = torch.zeros(2, 3, *shape)
    assert small(output, upsample=upsample)(image, torch.zeros(2, 4)).shape == image.shape


@pytest.mark.parametrize(("output", "width", "kernel"), [("residual", 8, 3), ("masked", 8, 3), ("masked", 64, 7)])
def test_untrained_generators_nearly_copy(output, width, kernel, image):
    made = small(output, width=width, kernel=kernel)(image, torch.ones(2, 4))
    assert (made - image).abs().mean() < 0.2
    assert torch.corrcoef(torch.stack([made.flatten(), image.flatten()]))[0, 1] > 0.9


@pytest.mark.parametrize("output", ["tanh", "masked"])
def test_bounded_outputs_stay_in_range(output, image):
    network = small(output)
    for p in network.parameters():
        p.data *= 30
    made = network(image, torch.ones(2, 4))
    assert made.abs().max() <= 1 and made.abs().max() > 0.5


def test_a_first_norm_erases_the_label_but_near_the_border():
    """A constant plane is a constant shift, which an instance norm takes out wherever no padding is seen."""
    image, change = torch.randn(1, 3, 128, 128, generator=torch.Generator().manual_seed(1)), {}
    for first_norm, depth in (("none", 1), ("in", 2)):
        layers = small(first_norm=first_norm).layers[:depth]
        made = [layers(tile_label(image, torch.full((1, 4), attribute))) for attribute in (0.0, 1.0)]
        change[first_norm] = ((made[1] - made[0]).abs() / made[0].std(dim=(2, 3), keepdim=True))[..., 1:-1, 1:-1].mean()
    assert change["none"] > 0.3 and change["in"] < change["none"] / 10


def test_every_image_is_translated_alone(image):
    network, label = small(), torch.eye(4)[:2]
    together = network(image, label)
    alone = torch.cat([network(image[k : k + 1], label[k : k + 1]) for k in range(2)])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-4)


def test_tile_label_puts_the_label_on_every_pixel(image):
    label = torch.tensor([[0.0, 1.0, 0.5], [1.0, 0.0, 0.25]])
    tiled = tile_label(image, label)
    assert torch.equal(tiled[:, :3], image)
    assert torch.equal(tiled[:, 3:].amin(dim=(2, 3)), label) and torch.equal(tiled[:, 3:].amax(dim=(2, 3)), label)


def test_init_normal_draws_narrow_weights_and_clears_biases():
    network = torch.nn.Sequential(
        torch.nn.Conv2d(16, 64, 3), torch.nn.ConvTranspose2d(64, 16, 3), torch.nn.Linear(50, 60)
    )
    init_normal(network)
    for layer in network:
        assert layer.weight.std().item() == pytest.approx(0.02, rel=0.06)
        assert abs(layer.weight.mean().item()) < 0.002 and not layer.bias.any()
