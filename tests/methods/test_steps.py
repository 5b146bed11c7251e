"""What every method's training step keeps to: declared terms and schedule, nothing random, no value read in Python."""

import math

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from insm.data.batch import Batch
from insm.networks.method import METHODS, Method, MethodConfig, method_config
from insm.support.runtime import generator
from tests.methods.steps import updates, with_draws

SIZE, B = 32, 4
SMALL = {"width": 4, "downs": 1, "blocks": 1, "kernel": 3}
EVERY_TERM = {
    "init": {"generator": SMALL, "discriminator": {"width": 4, "downs": 1}, "lambda_rec": 1, "lambda_l1": 1},
    "stargan": {"generator": SMALL, "discriminator": {"width": 4}, "d_steps": 3, "lambda_l1": 1},
    "attgan": {"generator": {"width": 4}, "discriminator": {"width": 4, "features": 8}, "d_steps": 2, "lambda_l1": 1},
    "stgan": {"generator": {"width": 4}, "discriminator": {"width": 4, "features": 8}, "d_steps": 2, "lambda_l1": 1},
    "cyclegan": {"generator": SMALL, "discriminator": {"width": 4, "downs": 1}, "pool": 2},
    "pix2pix": {"generator": {"width": 4, "dropout_levels": 2}, "discriminator": {"width": 4, "downs": 1}},
    "relgan": {"generator": SMALL, "discriminator": {"width": 4, "degrees": 2}, "lambda_l1": 1},
}
ALL = pytest.mark.parametrize("name", METHODS.names())


class Colours(nn.Module):
    """A stand-in for phi."""

    def forward(self, image):
        return image.mean(dim=(2, 3))


def method(name: str, **options) -> Method:
    config = method_config({"method": name} | EVERY_TERM.get(name, {}) | options, "method")
    torch.manual_seed(0)
    return METHODS.load(name).Method(config, 1 if config.two_domains else 3, SIZE, Colours())


def batch(m: Method, step: int = 0) -> Batch:
    rng = generator(0)
    image, partner = torch.rand(2, B, 3, SIZE, SIZE, generator=rng) * 2 - 1
    source = (torch.arange(B) % 2).float()[:, None].repeat(1, 1 if m.config.two_domains else 3)
    return Batch(image, source, 1 - source, partner, step=step)


def cycle(m: Method) -> int:
    """Steps after which the schedule repeats."""
    return math.lcm(*(round(1 / fraction) for fraction in m.config.schedule.values() if fraction < 0.5), 1)


@ALL
def test_a_method_yields_the_terms_that_it_declares(name):
    m = method(name)
    yielded = [term for step in range(cycle(m)) for u in updates(m, batch(m, step)) for term in u.losses]
    weighted = {field.removeprefix("lambda_") for field in type(m.config).model_fields if field.startswith("lambda_")}
    assert set(yielded) == weighted | m.config.unit_terms
    assert not weighted & m.config.unit_terms


@ALL
def test_an_unknown_term_is_refused(name):
    with pytest.raises(KeyError, match=r"lambda_advv"):
        method(name).config.weight("advv")


@ALL
def test_the_schedule_is_that_of_the_steps(name):
    m = method(name)
    players = [[u.player for u in updates(m, batch(m, step))] for step in range(cycle(m))]
    kinds = {step: [u.player for u in updates(m, batch(m, step))] for step in m.config.schedule}
    assert [kinds[m.config.kind(step)] for step in range(cycle(m))] == players
    for step, fraction in m.config.schedule.items():
        alike = sum(fraction for other, fraction in m.config.schedule.items() if kinds[other] == kinds[step])
        assert players.count(kinds[step]) / len(players) == pytest.approx(alike)
    of_generator = sum(turn.count(m.translators[0]) for turn in players) / len(players)
    assert m.config.generator_updates_per_step == pytest.approx(of_generator)
    assert sum(m.config.schedule.values()) == pytest.approx(1)


class Deterministic(TorchDispatchMode):
    """Refuses operators that draw random numbers, or whose results Python must read, as a CUDA graph would."""

    FORBIDDEN = ("rand", "bernoulli", "normal_", "uniform", "dropout", "multinomial", "_local_scalar_dense", "nonzero")

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        assert not any(word in func.name() for word in self.FORBIDDEN), func.name()
        return func(*args, **kwargs or {})


@ALL
def test_a_step_draws_nothing_and_reads_nothing(name):
    m = method(name)
    for step in range(cycle(m)):
        b = with_draws(m, batch(m, step))
        with Deterministic():
            for _, losses, _ in m.steps(b):
                sum(m.config.weight(term) * value for term, value in losses.items()).backward()


@ALL
def test_draws_depend_on_the_generator_alone(name):
    m = method(name)
    one, same = (m.draws(batch(m).source, batch(m).target, 7, generator(seed)) for seed in (3, 3))
    assert one.keys() == same.keys() and all(torch.equal(one[key], same[key]) for key in one)


def test_fields_for_unit_terms_would_weigh_nothing():
    """`weight` asks `unit_terms` first, so no method may declare a term twice."""
    for name in METHODS.names():
        config = METHODS.load(name).Config
        assert not [term for term in config.unit_terms if f"lambda_{term}" in config.model_fields]
    with pytest.raises(KeyError):
        MethodConfig(method="any").weight("adv")
