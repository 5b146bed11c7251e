"""Counting: analytic answers of small networks, published numbers of parameters, and the costs that methods claim."""

import math

import pytest
import torch
from torch import nn

from insm.config.study import TaskConfig
from insm.data.batch import Batch
from insm.losses.gan import gradient_penalty
from insm.networks.method import METHODS, PLAIN_GMAC, method_config
from insm.support.errors import UserError
from insm.support.runtime import generator
from insm.training.cost import Macs, Saved, count, count_judge, count_judgement, count_method, count_translation, fake

# Of discriminator and generator at 256 px, with 10 attributes, or 1 where the method wants two domains.
PARAMETERS = {
    "init": [2_774_977, 8_446_144],
    "stargan": [45_048_768, 8_446_208],
    "attgan": [145_379_211, 43_385_475],
    "stgan": [145_379_211, 74_860_387],
    "relgan": [53_249_026, 8_450_025],
    "cyclegan": [2 * 2_764_737, 2 * 11_378_179],
    "pix2pix": [2_768_705, 54_414_019],
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


def batches(*shape: int):
    image = torch.zeros(shape)
    return iter([Batch(image, image, image, None, generator(0))])


def test_activations_of_a_small_network_are_its_input_and_its_hidden_layer():
    network = nn.Sequential(nn.Linear(4, 5), nn.ReLU(inplace=True), nn.Linear(5, 1))
    got = count(network, {"it": network}, lambda batch: iter([("it", network(batch.image).sum())]), batches(3, 4))
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
        gradient_penalty(lambda x: critic(x.flatten(1)), image, -image, generator(0)).backward()
    assert macs.total == 3 * 2 * 6  # scores, their slope, and what the slope says about the weights


def test_memory_holds_weights_gradients_moments_and_averages():
    plain = {"aiw": {"enabled": False}, "mst": {"hops": 1}}
    off, on = (counted("init", size=32, ema=ema, **plain)[2] for ema in (0, 0.9))
    assert off.state == 4 * FLOAT * sum(PARAMETERS["init"])
    assert on.state - off.state == FLOAT * PARAMETERS["init"][1]


@pytest.mark.parametrize("name", METHODS.names())
def test_a_method_is_what_it_claims(name):
    config, method, got = counted(name)
    assert list(got.parameters.values()) == PARAMETERS.get(name, list(got.parameters.values()))
    assert got.updates[method.translators[0]] == pytest.approx(method.generator_updates_per_step(config))
    assert got.macs / 2 / 1e9 / PLAIN_GMAC == pytest.approx(method.relative_cost(config), rel=0.05)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("init", {"aiw": {"enabled": False}, "mst": {"hops": 1}}),
        ("init", {"mst": {"hops": 3, "chain": "nested"}, "lambda_rec": 1}),
        ("stargan", {"d_steps": 1}),
        ("attgan", {"d_steps": 1}),
        ("cyclegan", {"lambda_idt": 0}),
    ],
)
def test_relative_cost_follows_the_options(name, options):
    config, method, got = counted(name, **options)
    assert got.macs / 2 / 1e9 / PLAIN_GMAC == pytest.approx(method.relative_cost(config), rel=0.05)


def test_judges():
    settings = task("celeba_hq")
    classifier = count_judge(settings.classifier, settings)
    assert classifier.parameters == {"network": 11_181_642}
    # torchvision gives 1.814e9 for a forward pass at 224 px; the first layer's input needs no gradient
    forward = 1.814e9 * (256 / 224) ** 2
    assert math.isclose(classifier.macs, 3 * 64 * forward, rel_tol=0.05)
    assert math.isclose(count_judgement(settings), forward, rel_tol=0.05)
    views = count_judge(settings.embedding, settings)
    labels = count_judge(settings.embedding.model_copy(update={"objective": "attributes"}), settings)
    assert views.macs == pytest.approx(2 * labels.macs, rel=0.01)  # two views of every image


@pytest.mark.parametrize("name", METHODS.names())
def test_a_test_image_goes_through_one_generator_once(name):
    pairs = name in ("cyclegan", "pix2pix")  # two domains, and so no label
    settings, n_attr = task("edges2shoes" if pairs else "celeba_hq", 64), 1 if pairs else 10
    config, method, _ = counted(name, size=64)
    with fake():
        built = method(config, n_attr, 64).eval()
        image, label = torch.empty(1, 3, 64, 64), torch.empty(1, n_attr)
    generator = built.generators[0] if name == "cyclegan" else built.generator
    with torch.no_grad(), Macs() as macs:
        generator(image) if pairs else generator(image, label)
    share = 0.5 if name == "pix2pix" else 1  # the other direction's images come back unchanged
    assert macs.total > 0
    assert count_translation(config, settings) == share * macs.total
