"""StarGAN against float64 oracles and the released schedule."""

import pytest
import torch
from torch import Tensor

from insm.data import target_labels
from insm.data.batch import Batch
from insm.methods.stargan import Config, Method
from insm.support.runtime import generator
from tests.methods.steps import terms, updates, with_draws

B, A, SIZE = 4, 3, 32
SMALL = {"generator": {"width": 8, "downs": 1, "blocks": 1, "kernel": 3}, "discriminator": {"width": 4}}
PLAYERS = ("discriminator", "generator")


def method(n_attr: int = A, **options) -> Method:
    torch.manual_seed(0)
    return Method(Config.model_validate({"method": "stargan"} | SMALL | options), n_attr, SIZE).double()


def batch(step: int = 4, paired: bool = False, n_attr: int = A) -> Batch:
    rng = generator(1)
    image, partner = torch.rand(2, B, 3, SIZE, SIZE, generator=rng, dtype=torch.float64) * 2 - 1
    source = (torch.rand(B, n_attr, generator=rng) < 0.5).double()
    return Batch(image, source, target_labels.permuted(source, rng), partner if paired else None, step=step)


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """-log probability of all attributes of an image, batch mean."""
    probability = torch.sigmoid(logits)
    return -torch.where(labels == 1, probability, 1 - probability).log().sum() / len(labels)


@pytest.mark.parametrize("size", [128, 256])
@pytest.mark.parametrize(
    ("n_attr", "g", "d"),
    [
        (10, 8_446_208, {128: 44_803_008, 256: 45_048_768}),
        (1, 8_417_984, {128: 44_729_280, 256: 44_753_856}),
        (5, 8_430_528, {128: 44_762_048}),
    ],
)
def test_default_networks_have_the_published_sizes(n_attr, g, d, size):
    with torch.device("meta"):
        m = Method(Config(method="stargan"), n_attr, size)
    assert sum(p.numel() for p in m.generator.parameters()) == g
    if size in d:
        assert sum(p.numel() for p in m.discriminator.parameters()) == d[size]


def test_default_weights_are_the_papers():
    config = Config(method="stargan")
    assert {x: config.weight(x) for x in ("real", "fake", "gp", "cls_real", "adv", "cls", "cyc", "l1")} == {
        "real": 1, "fake": 1, "gp": 10, "cls_real": 1, "adv": 1, "cls": 1, "cyc": 10, "l1": 0,
    }  # fmt: skip
    rates = [config.optimiser.rate(step, 200_000) for step in (0, 100_000, 150_000)]
    assert rates == pytest.approx([1e-4, 1e-4, 5e-5])
    assert (config.optimiser.beta1, config.optimiser.beta2, config.generator.first_norm) == (0.5, 0.999, "in")


def test_losses_match_their_definitions():
    m, b = method(), batch()
    got = terms(m, b)
    fake = m.generator(b.image, b.target)
    (real_map, real_logits), (fake_map, fake_logits) = m.discriminator(b.image), m.discriminator(fake)
    alpha = with_draws(m, b).draws["gp"].double()
    slopes = []
    for k in range(B):
        point = (alpha[k] * b.image[k] + (1 - alpha[k]) * fake[k]).detach()[None].requires_grad_()
        slopes.append(torch.autograd.grad(m.discriminator(point)[0].sum(), point)[0].norm())
    oracle = {
        "real": -real_map.sum() / (4 * B),
        "fake": fake_map.sum() / (4 * B),
        "gp": sum((slope - 1) ** 2 for slope in slopes) / B,
        "cls_real": cross_entropy(real_logits, b.source),
        "adv": -fake_map.sum() / (4 * B),
        "cls": cross_entropy(fake_logits, b.target),
        "cyc": (b.image - m.generator(fake, b.source)).abs().mean(),
    }
    assert got.keys() == oracle.keys()
    for name, value in oracle.items():
        torch.testing.assert_close(got[name], value, msg=name)


def test_classification_can_be_averaged_over_attributes():
    total, mean = terms(method(), batch()), terms(method(over_attributes="mean"), batch())
    for name in ("cls", "cls_real"):
        torch.testing.assert_close(total[name], A * mean[name])


@pytest.mark.parametrize(("d_steps", "turns"), [(5, {4, 9}), (1, set(range(10))), (3, {2, 5, 8})])
def test_the_generator_gets_every_few_batches_after_the_discriminator(d_steps, turns):
    m = method(d_steps=d_steps)
    for step in range(10):
        players = [update.player for update in updates(m, batch(step))]
        assert players == list(PLAYERS[: 1 + (step in turns)])
    assert m.config.generator_updates_per_step == 1 / d_steps


def test_rarer_generator_updates_make_a_step_cheaper():
    costs = [Config(method="stargan", d_steps=n).relative_cost for n in (1, 2, 5, 100)]
    assert costs == sorted(costs, reverse=True) and costs[-1] > 0


@pytest.mark.parametrize("player", PLAYERS)
def test_a_players_step_leaves_the_other_without_gradient(player):
    m = method(lambda_l1=1)
    for name, losses, _ in updates(m, batch(paired=True)):
        if name == player:
            sum(losses.values()).backward()
    mine, other = (getattr(m, name) for name in (player, next(x for x in PLAYERS if x != player)))
    assert all(p.grad is None and p.requires_grad for p in other.parameters())
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in mine.parameters())


def test_only_real_images_teach_the_classifier():
    m = method()
    losses = next(updates(m, batch())).losses
    for name, taught in (("real", False), ("fake", False), ("cls_real", True)):
        (gradient,) = torch.autograd.grad(
            losses[name], m.discriminator.classifier.weight, retain_graph=True, allow_unused=True
        )
        assert (gradient is not None and gradient.abs().sum() > 0) == taught


def test_the_paired_task_compares_with_the_truth():
    m, b = method(lambda_l1=100), batch(paired=True)
    expected = (m.generator(b.image, b.target) - b.truth).abs().mean()
    torch.testing.assert_close(terms(m, b)["l1"], expected)
    assert m.config.weight("l1") == 100
    assert "l1" not in terms(m, batch()) and "l1" not in terms(method(), batch(paired=True))


@pytest.mark.parametrize("output", ["tanh", "residual"])
def test_translation_stays_in_range_and_depends_on_the_target_only(output):
    m, b = method(generator=SMALL["generator"] | {"output": output}), batch()
    with torch.no_grad():
        made = m.translate(b.image, b.source, b.target)
        assert made.shape == b.image.shape
        assert torch.equal(made, m.translate(b.image, 1 - b.source, b.target))
        for p in m.generator.parameters():
            p.mul_(30)
        assert m.translate(b.image, b.source, b.target).abs().max() <= 1


@pytest.mark.parametrize("n_attr", [1, A])
def test_swapping_the_label_changes_the_output_at_initialisation(n_attr):
    """Instance norm erases a constant label plane, but for the zero-padded border."""
    m, b = method(n_attr), batch(n_attr=n_attr)
    with torch.no_grad():
        here, there = (m.translate(b.image, b.source, label) for label in (b.source, 1 - b.source))
    assert (here - there).abs().max() > 1e-3


def test_random_numbers_come_from_the_batch():
    first, same, other = (terms(method(), batch(), seed) for seed in (0, 0, 5))
    assert first["gp"] == same["gp"] != other["gp"]
    assert first["cyc"] == other["cyc"]
