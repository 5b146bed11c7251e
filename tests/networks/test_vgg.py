"""The small VGG: logits are read off its features."""

import pytest
import torch
import torch.nn.functional as F

from insm.networks.vgg import SmallVGG


@pytest.mark.parametrize(("size", "widths"), [(32, (4, 8)), (16, (4,)), (48, (4, 8, 8, 4))])
def test_shapes(size, widths):
    network, image = SmallVGG(10, size, widths, 12), torch.zeros(3, 3, size, size)
    assert network(image).shape == (3, 10) and network.features(image).shape == (3, 12)


def test_logits_are_a_linear_reading_of_the_rectified_features():
    torch.manual_seed(0)
    network, image = SmallVGG(5, 16, (4, 8), 12).eval(), torch.randn(3, 3, 16, 16)
    features = network.features(image)
    assert (features < 0).any(), "features are taken before their ReLU"
    torch.testing.assert_close(network(image), F.linear(F.relu(features), network.head.weight, network.head.bias))


def test_parameters_of_a_hand_counted_network():
    network = SmallVGG(10, 32, (4, 8), 12)
    stages = 9 * (3 * 4 + 4 * 4 + 4 * 8 + 8 * 8) + 2 * (4 + 4 + 8 + 8)  # convolutions, batch norms
    head = (8 * 8 * 8 + 1) * 12 + (12 + 1) * 10
    assert sum(p.numel() for p in network.parameters()) == stages + head
