"""StarGAN's discriminator: published sizes, two heads, every image alone."""

import pytest
import torch
from torch import nn

from insm.losses.gan import gradient_penalty, penalty_places
from insm.networks.stargan_discriminator import DiscriminatorConfig, StarGANDiscriminator, Trunk
from insm.support.runtime import generator


def small(n_attr=3, size=32, width=4) -> StarGANDiscriminator:
    torch.manual_seed(0)
    return StarGANDiscriminator(n_attr, size, DiscriminatorConfig(width=width))


@pytest.mark.parametrize(
    ("n_attr", "size", "count"),
    [
        (10, 128, 44_803_008),
        (10, 256, 45_048_768),
        (1, 128, 44_729_280),
        (1, 256, 44_753_856),
        (5, 128, 44_762_048),
    ],
)
def test_parameters_are_those_of_stargan(n_attr, size, count):
    with torch.device("meta"):
        network = StarGANDiscriminator(n_attr, size, DiscriminatorConfig())
    assert sum(p.numel() for p in network.parameters()) == count


@pytest.mark.parametrize(("size", "cells"), [(256, 4), (128, 2), (64, 2), (32, 2), (16, 2)])
def test_shapes_of_the_answers(size, cells):
    with torch.device("meta"):
        critic, logits = small(size=size)(torch.zeros(5, 3, size, size))
    assert critic.shape == (5, 1, cells, cells) and logits.shape == (5, 3)


def test_the_number_of_levels_can_be_given():
    with torch.device("meta"):
        trunk = Trunk(32, DiscriminatorConfig(width=8, levels=2))
    assert (trunk.channels, trunk.size) == (16, 8)
    assert trunk(torch.zeros(1, 3, 32, 32, device="meta")).shape == (1, 16, 8, 8)


def test_too_many_levels_are_refused(complains):
    with complains("discriminator.levels", "6 halvings", "32 px"):
        StarGANDiscriminator(3, 32, DiscriminatorConfig(width=4, levels=6))


def test_every_image_is_scored_alone():
    network, image = small(), torch.randn(4, 3, 32, 32, generator=generator(0))
    critic, logits = network(image)
    for k in range(4):
        alone = network(image[k : k + 1])
        torch.testing.assert_close(alone[0][0], critic[k])
        torch.testing.assert_close(alone[1][0], logits[k])


def test_negative_activations_leak_a_hundredth():
    network = small()
    first = nn.Sequential(*list(network.trunk)[:2])
    with torch.no_grad():
        first[0].weight.zero_()
        first[0].bias.copy_(torch.tensor([1.0, -1.0, 2.0, -2.0]))
    made = first(torch.zeros(1, 3, 4, 4))[0, :, 0, 0]
    torch.testing.assert_close(made, torch.tensor([1.0, -0.01, 2.0, -0.02]))


def test_the_gradient_penalty_trains_every_layer_that_sees_the_image_as_finite_differences_say():
    network = small().double()
    images = [torch.randn(3, 3, 32, 32, generator=generator(k), dtype=torch.float64) for k in range(2)]
    places = penalty_places(3, generator(7))
    penalty = lambda: gradient_penalty(lambda x: network(x)[0], *images, places)  # noqa: E731
    weights = [layer.weight for layer in network.trunk if isinstance(layer, nn.Conv2d)] + [network.critic.weight]
    gradients = [gradient.flatten() for gradient in torch.autograd.grad(penalty(), weights)]
    for weight, gradient in zip(weights, gradients, strict=True):
        place, step = gradient.abs().argmax(), 1e-5
        values = []
        for shift in (step, -2 * step):
            weight.data.view(-1)[place] += shift
            values.append(penalty().item())
        weight.data.view(-1)[place] += step
        assert gradient[place].item() == pytest.approx((values[0] - values[1]) / (2 * step), rel=1e-3)
