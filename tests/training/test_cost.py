"""Counting: analytic answers of small networks, published numbers of parameters, and the costs that methods claim."""

import math

import pytest
import torch
from torch import nn

from insm.config.cost import count_method
from insm.config.study import TaskConfig
from insm.data.batch import Batch
from insm.losses.gan import gradient_penalty, penalty_places
from insm.networks.counting import Macs, Saved, count, shapes_only
from insm.networks.method import METHODS, method_config
from insm.support.errors import UserError
from insm.support.runtime import generator
from insm.training.cost import count_classification, count_pretraining, count_translation

# Of discriminator and generator at 256 px, with 10 attributes, or 1 where the method wants two domains.
PARAMETERS = {
    "init": [2_774_977, 8_446_144],
    "stargan": [45_048_768, 8_446_208],
    "attgan": [145_379_211, 43_385_475],
    "stgan": [145_379_211, 74_860_387],
    "relgan": [53_249_026, 8_450_025],
    "cyclegan": [2 * 2_764_737, 2 * 11_378_179],
    "pix2pix": [2_768_705, 54_413_955],
}
FLOAT = 4  # bytes


def task(dataset: str, size: int = 256, batch: int = 2) -> TaskConfig:
    data = {"dataset": dataset, "size": size, "train": 8, "test": 8}
    return TaskConfig.model_validate({"data": data, "training": {"updates": 1, "batch": batch}, "methods": ["any"]})


def counted(name: str, size: int = 256, **options):
    """(config, method class, count) on ten attributes, or on pairs where the method wants two domains."""
    config = method_config({"method": name, **options}, "method")
    try:
        got = count_method(config, task("celeba_hq", size))
    except UserError:
        got = count_method(config, task("edges2shoes", size))
    return config, METHODS.load(name).Method, got


def batches(n: int):
    """One batch of n images of 1 px, with 4 attributes."""
    return [(Batch(torch.zeros(n, 3, 1, 1), torch.zeros(n, 4), torch.ones(n, 4), None), 1.0)]


def test_activations_of_a_small_network_are_its_input_and_its_hidden_layer():
    network = nn.Sequential(nn.Linear(4, 5), nn.ReLU(inplace=True), nn.Linear(5, 1))
    got = count(network, {"it": network}, lambda batch: [("it", network(batch.source).sum())], batches(3))
    assert got.activations == FLOAT * (3 * 4 + 3 * 5)  # ReLU and the second layer keep the same storage
    assert got.macs == 2 * 3 * 4 * 5 + 3 * 3 * 5  # forward and weights; the second layer's input too
    assert got.parameters == {"it": 31} and got.updates == {"it": 1}
    assert got.state == FLOAT * 4 * 31


def test_activations_go_with_their_graph():
    network, x = nn.Linear(4, 4, bias=False), torch.zeros(2, 4)
    saved = Saved(network.parameters())
    with saved:
        loss = network(x).tanh().sum()
        assert saved.bytes() == FLOAT * (2 * 4 + 2 * 4)
        loss.backward()
    assert saved.bytes() == 0


def test_double_backward_is_counted():
    critic = nn.Linear(6, 1, bias=False)
    image = torch.ones(2, 6)[:, :, None, None]
    with Macs() as macs:
        gradient_penalty(lambda x: critic(x.flatten(1)), image, -image, penalty_places(2, generator(0))).backward()
    assert macs.total == 3 * 2 * 6  # scores, their slope, and what the slope says about the weights


def test_memory_holds_weights_gradients_moments_and_averages():
    plain = {"aiw": {"enabled": False}, "mst": {"hops": 1}}
    off, on = (counted("init", size=32, ema=ema, **plain)[2] for ema in (0, 0.9))
    assert off.state == 4 * FLOAT * sum(PARAMETERS["init"])
    assert on.state - off.state == FLOAT * PARAMETERS["init"][1]


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_method_is_what_it_claims(name):
    config, method, got = counted(name)
    assert list(got.parameters.values()) == PARAMETERS[name]
    assert got.updates[method.translators[0]] == pytest.approx(config.generator_updates_per_step)


# By hand: forward 1, backward 2, gradient penalty 6 times the operations of a forward pass (docs/paper-map.md).
@pytest.mark.parametrize(
    ("name", "options", "gmac"),
    [
        ("init", {"aiw": {"enabled": False}, "mst": {"hops": 1}}, 143),
        ("init", {"aiw": {"enabled": False}}, 409),
        ("init", {"mst": {"hops": 3}}, 809),
        ("stargan", {}, 113),  # 5 of D: G 41, D 2.7 x 12; one of G more: G 41 x 5, D 5
        ("attgan", {}, 43),
        ("stgan", {}, 78),
        ("cyclegan", {}, 471),  # 942 for an image of each domain
        ("pix2pix", {}, 44),
    ],
)
def test_operations_of_a_step_are_those_worked_out_by_hand(name, options, gmac):
    config, _, got = counted(name, **options)
    assert got.macs / 2 / 1e9 == pytest.approx(gmac, rel=0.05)
    assert config.relative_cost == pytest.approx(gmac / 143, rel=0.05)


def test_relative_cost_does_not_depend_on_the_size_of_networks_and_of_the_run():
    small = {"generator": {"width": 8}, "discriminator": {"width": 8}, "updates_factor": 2}
    plain, other = (method_config({"method": "stargan", **options}, "method") for options in ({}, small))
    assert plain.relative_cost == other.relative_cost
    rarer = method_config({"method": "stargan", "d_steps": 10}, "method")
    assert rarer.relative_cost < plain.relative_cost


def test_evaluation_networks():
    settings = task("celeba_hq")
    classifier = count_pretraining(settings.classifier, settings)
    assert classifier.parameters == {"network": 11_181_642}
    # torchvision gives 1.814e9 for a forward pass at 224 px; the first layer's input needs no gradient
    forward = 1.814e9 * (256 / 224) ** 2
    assert math.isclose(classifier.macs, 3 * 64 * forward, rel_tol=0.05)
    assert math.isclose(count_classification(settings), forward, rel_tol=0.05)
    views = count_pretraining(settings.embedding, settings)
    labels = count_pretraining(settings.embedding.model_copy(update={"objective": "attributes"}), settings)
    assert views.macs == pytest.approx(2 * labels.macs, rel=0.01)  # two views of every image


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_test_image_goes_through_one_generator_once(name):
    pairs = name in ("cyclegan", "pix2pix")  # two domains, and so no label
    settings, n_attr = task("edges2shoes" if pairs else "celeba_hq", 64), 1 if pairs else 10
    config, method, _ = counted(name, size=64)
    with shapes_only():
        built = method(config, n_attr, 64).eval()
        image, label = torch.empty(2, 3, 64, 64), torch.empty(2, n_attr)
    generator = built.generators[0] if name == "cyclegan" else built.generator
    with torch.no_grad(), Macs() as macs:
        generator(image) if pairs else generator(image, label)
    fraction = 0.25 if name == "pix2pix" else 0.5  # of two images; the other direction's come back unchanged
    assert macs.total > 0
    assert count_translation(config, settings) == fraction * macs.total
