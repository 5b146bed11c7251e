"""RelGAN's discriminator: published sizes and what each head looks at."""

import pytest
import torch

from insm.networks.relgan_discriminator import DiscriminatorConfig, RelGANDiscriminator
from insm.support.runtime import generator


@pytest.fixture
def network():
    torch.manual_seed(0)
    return RelGANDiscriminator(3, 32, DiscriminatorConfig(width=4, degrees=6))


@pytest.fixture
def features(network):
    return [network.trunk(torch.randn(2, 3, 32, 32, generator=generator(k))) for k in range(2)]


@pytest.mark.parametrize(("n_attr", "count"), [(10, 53_249_026), (1, 53_230_594)])
@pytest.mark.parametrize("size", [128, 256])
def test_parameters_are_those_of_relgan(n_attr, size, count):
    with torch.device("meta"):
        network = RelGANDiscriminator(n_attr, size, DiscriminatorConfig())
    assert sum(p.numel() for p in network.parameters()) == count


def test_initial_features_keep_their_size():
    """He normal in the trunk; torch's default shrinks them from layer to layer."""
    size = {}
    for init in ("he_lecun", "xavier", "default"):
        torch.manual_seed(0)
        with torch.no_grad():
            trunk = RelGANDiscriminator(3, 128, DiscriminatorConfig(width=16, init=init)).trunk
            size[init] = trunk(torch.rand(2, 3, 128, 128, generator=generator(0)) * 2 - 1).square().mean().sqrt().item()
    assert size["he_lecun"] > 0.2 and size["he_lecun"] > 20 * size["default"]
    assert size["default"] < size["xavier"] < size["he_lecun"]


def test_every_head_answers_with_a_map(network, features):
    for answer in (
        network.realness(features[0]),
        network.interpolation(features[0]),
        network.matching(*features, torch.ones(2, 3)),
    ):
        assert answer.shape == (2, 1, 2, 2)


def test_interpolation_is_the_mean_over_degrees(network, features):
    by_hand = sum(network.degree(features[0])[:, k] for k in range(6)) / 6
    torch.testing.assert_close(network.interpolation(features[0])[:, 0], by_hand)


def test_matching_depends_on_both_images_their_order_and_the_vector(network, features):
    one, other = features
    v = torch.tensor([[1.0, 0, -1], [0, 1, 0]])
    answer = network.matching(one, other, v)
    for changed in ((other, one, v), (one, one, v), (other, other, v), (one, other, -v)):
        assert (network.matching(*changed) - answer).abs().max() > 1e-4
