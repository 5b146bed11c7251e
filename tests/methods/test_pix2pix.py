"""Pix2pix against hand-computed values and float64 oracles."""

import math

import pytest
import torch

from insm.config.jobs import BudgetConfig, RunConfig
from insm.data.batch import Batch
from insm.methods.pix2pix import Config, Method
from insm.networks.method import MethodConfig
from insm.support.runtime import generator
from insm.training.model_file import load_method
from tests.methods.steps import terms, updates

SIZE = 32
SMALL = {"method": "pix2pix", "generator": {"width": 4}, "discriminator": {"width": 4, "downs": 1}}
ATTRIBUTE = [0, 1, 1, 0, 1]


def method(**options) -> Method:
    torch.manual_seed(0)
    return Method(Config.model_validate(SMALL | options), 1, SIZE)


def batch(seed=0, dtype=torch.float32) -> Batch:
    rng = generator(seed)
    image, partner = ((torch.rand(len(ATTRIBUTE), 3, SIZE, SIZE, generator=rng) * 2 - 1).to(dtype) for _ in range(2))
    source = torch.tensor(ATTRIBUTE, dtype=dtype)[:, None]
    return Batch(image, source, 1 - source, partner)


# Networks.


@pytest.mark.parametrize(("size", "count"), [(256, 54_413_955), (128, 41_828_995)])
def test_parameters_at_the_papers_sizes(size, count):
    with torch.device("meta"):
        m = Method(Config(method="pix2pix"), 1, size)
    assert sum(p.numel() for p in m.generator.parameters()) == count
    assert sum(p.numel() for p in m.discriminator.parameters()) == 2_768_705


def test_initial_weights():
    m = method(generator={"width": 16}, discriminator={"width": 16, "downs": 3})
    for player in m.players:
        network = getattr(m, player)
        spread = [p.std().item() for p in network.parameters() if p.ndim == 4 and p.numel() > 400]
        assert spread == pytest.approx([0.02] * len(spread), rel=0.15)
        norms = [layer for layer in network.modules() if isinstance(layer, torch.nn.BatchNorm2d)]
        scales = torch.cat([layer.weight for layer in norms])
        assert scales.mean().item() == pytest.approx(1, abs=0.01) and scales.std().item() == pytest.approx(
            0.02, rel=0.3
        )
        assert all(not layer.bias.any() for layer in norms)


# Pairs.


@pytest.mark.parametrize("direction", [0, 1])
def test_the_model_learns_from_the_other_domain_to_its_own(direction):
    b = batch()
    image, result = method(direction=direction).pair(b)
    for k, attribute in enumerate(ATTRIBUTE):
        truth, other = (b.image[k], b.partner[k]) if attribute == direction else (b.partner[k], b.image[k])
        assert torch.equal(result[k], truth) and torch.equal(image[k], other)


def test_data_without_pairs_name_the_cure(complains):
    b = batch()
    with complains("pix2pix", "pairs", "paired dataset"):
        next(updates(method(), Batch(b.image, b.source, b.target, None)))


@pytest.mark.parametrize("n_attr", [0, 10])
def test_several_attributes_are_refused(complains, n_attr):
    with complains("pix2pix", f"{n_attr} attributes", "one attribute"):
        Method(Config.model_validate(SMALL), n_attr, SIZE)


# Losses.


@pytest.mark.parametrize("direction", [0, 1])
def test_losses_match_a_float64_oracle(direction):
    m, b = method(direction=direction).double(), batch(dtype=torch.float64)
    got = terms(m, b)
    swap = (b.source == direction).view(-1, 1, 1, 1)
    x, y = torch.where(swap, b.partner, b.image), torch.where(swap, b.image, b.partner)
    made = m.generator(x)  # five levels: no dropout
    p_real, p_fake = (torch.sigmoid(m.discriminator(torch.cat([x, z], dim=1))) for z in (y, made))
    oracle = {
        "real": -torch.log(p_real).mean(),
        "fake": -torch.log(1 - p_fake).mean(),
        "adv": -torch.log(p_fake).mean(),
        "l1": (y - made).abs().mean(),
    }
    assert got.keys() == oracle.keys()
    for name, value in oracle.items():
        assert got[name].item() == pytest.approx(value.item(), rel=1e-9), name


def test_weighted_losses_are_the_papers():
    """L_D = [-log D - log(1 - D)] / 2, L_G = -log D + 100 L1."""
    config = Config(method="pix2pix")
    weights = {term: config.weight(term) for term in ("real", "fake", "adv", "l1")}
    assert weights == {"real": 0.5, "fake": 0.5, "adv": 1, "l1": 100}


def test_a_constant_discriminator_gives_logistic_losses_by_hand():
    m = method()
    with torch.no_grad():
        m.discriminator.layers[-1].weight.zero_()
        m.discriminator.layers[-1].bias.fill_(2.0)
    got = terms(m, batch())
    assert got["real"].item() == pytest.approx(math.log(1 + math.exp(-2))) == got["adv"].item()
    assert got["fake"].item() == pytest.approx(math.log(1 + math.exp(2)))


def test_only_the_trained_direction_is_evaluated():
    assert [Config(method="pix2pix", direction=value).translates_to for value in (0, 1)] == [(0,), (1,)]
    assert MethodConfig(method="any").translates_to == (0, 1)


# Updates.


def test_the_discriminator_is_updated_first():
    assert [update.player for update in updates(method(), batch())] == ["discriminator", "generator"]


def test_each_step_leaves_the_other_player_without_gradient():
    m = method()
    for player, losses, _ in updates(m, batch()):
        sum(losses.values()).backward()
        other = next(name for name in m.players if name != player)
        assert all(p.grad is not None for p in getattr(m, player).parameters())
        assert all(p.grad is None and p.requires_grad for p in getattr(m, other).parameters())
        m.zero_grad(set_to_none=True)


def test_dropout_in_training_depends_on_the_batch_alone():
    """Nothing but weights and batches is restored when a run resumes."""
    m = method(generator={"width": 4, "dropout_levels": 2})
    first = terms(m, batch())["l1"]
    torch.rand(7)  # moves torch's global generator on
    assert torch.equal(terms(m, batch())["l1"], first)
    assert not torch.equal(terms(m, batch())["l1"], terms(m, batch(), seed=5)["l1"])


# Translation.


@pytest.fixture
def trained():
    """A method whose running statistics are not those of a new one."""

    def make(**options) -> Method:
        m = method(**options)
        for k in range(3):
            terms(m, batch(k))
        return m.eval()

    return make


@pytest.mark.parametrize("direction", [0, 1])
@pytest.mark.parametrize("test_norm", ["eval", "batch1"])
def test_only_images_to_be_translated_to_the_direction_change(trained, direction, test_norm):
    m, b = trained(direction=direction, test_norm=test_norm), batch()
    before = b.image.clone()
    with torch.no_grad():
        made = m.translate(b.image, b.source, b.target)
        assert torch.equal(m.translate(b.image, b.source, b.source), before)
    assert [not torch.equal(x, y) for x, y in zip(made, before, strict=True)] == [
        attribute != direction for attribute in ATTRIBUTE
    ]
    assert made.shape == before.shape and made.abs().max() <= 1
    assert torch.equal(b.image, before)


def test_batch_norm_in_translation(trained):
    """Running statistics, or those of one image; either way an image's translation does not depend on the others."""
    b, outputs = batch(), {}
    for test_norm in ("eval", "batch1"):
        m = trained(test_norm=test_norm)
        state = {name: value.clone() for name, value in m.state_dict().items()}
        with torch.no_grad():
            outputs[test_norm] = m.translate(b.image, b.source, b.target)
            alone = m.translate(b.image[:1], b.source[:1], b.target[:1])
            torch.testing.assert_close(outputs[test_norm][:1], alone, atol=1e-5, rtol=1e-4)
        assert all(torch.equal(value, state[name]) for name, value in m.state_dict().items())
    with torch.no_grad():
        eval_oracle, batch1_oracle = m.generator.eval()(b.image[:1]), m.generator.train()(b.image[:1])
    torch.testing.assert_close(outputs["eval"][:1], eval_oracle, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(outputs["batch1"][:1], batch1_oracle, atol=1e-5, rtol=1e-4)
    assert not torch.allclose(eval_oracle, batch1_oracle, atol=1e-3)


def test_dropout_in_translation_is_an_option(trained):
    b, network = batch(), {"width": 4, "dropout_levels": 2}
    with torch.no_grad():
        plain, noisy = (
            trained(generator=network, test_dropout=on).translate(b.image, b.source, b.target) for on in (False, True)
        )
        again = trained(generator=network, test_dropout=True).translate(b.image, b.source, b.target)
    assert not torch.equal(plain, noisy) and torch.equal(noisy, again)


# Training.


def test_training_stopped_and_resumed_gives_the_same_bytes(shoes, resumes):
    run = RunConfig(
        task="shoes", variant="tiny", seed=0, dataset="footwear", size=32,
        method=SMALL | {"generator": {"width": 4, "dropout_levels": 2}, "ema": 0.5},
        training=BudgetConfig(updates=5, batch=4, sampling="balanced", target="flip"),
    )  # fmt: skip
    loaded, _ = load_method(resumes(run, shoes, crash_at=3), torch.device("cpu"))
    assert not loaded.training
