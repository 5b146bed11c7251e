"""RelGAN against float64 oracles."""

import dataclasses

import pytest
import torch
from torch import nn

from insm.data import target_labels
from insm.data.batch import Batch
from insm.methods.relgan import Config, Method, orthogonality
from insm.support.runtime import generator
from tests.methods.steps import terms, updates, with_draws

B, A, SIZE = 5, 3, 32
SMALL = {
    "generator": {"width": 8, "downs": 1, "blocks": 1, "kernel": 3},
    "discriminator": {"width": 4, "degrees": 6},
}
PLAYERS = ("discriminator", "generator")


def method(n_attr: int = A, **options) -> Method:
    torch.manual_seed(0)
    return Method(Config.model_validate({"method": "relgan"} | SMALL | options), n_attr, SIZE).double()


def batch(paired: bool = False, n_attr: int = A) -> Batch:
    rng = generator(1)
    image, partner = torch.rand(2, B, 3, SIZE, SIZE, generator=rng, dtype=torch.float64) * 2 - 1
    source = (torch.rand(B, n_attr, generator=rng) < 0.5).double()
    return Batch(image, source, target_labels.permuted(source, rng), partner if paired else None)


class Pairs(nn.Module):
    """A discriminator that remembers which images and vectors were matched; images are told by their sum."""

    def __init__(self):
        super().__init__()
        self.trunk, self.asked = nn.Identity(), []

    def matching(self, before, after, vector):
        self.asked.append((before.sum(dim=(1, 2, 3)), after.sum(dim=(1, 2, 3)), vector))
        return vector[:, :1, None, None] * 0 + 3.0  # an answer that is 2 from right and 3 from wrong


@pytest.mark.parametrize("size", [128, 256])
@pytest.mark.parametrize(("n_attr", "g", "d"), [(10, 8_450_025, 53_249_026), (1, 8_421_801, 53_230_594)])
def test_default_networks_have_the_published_sizes(n_attr, g, d, size):
    with torch.device("meta"):
        m = Method(Config(method="relgan"), n_attr, size)
    assert sum(p.numel() for p in m.generator.parameters()) == g
    assert sum(p.numel() for p in m.discriminator.parameters()) == d


def test_default_weights_are_the_released_ones():
    config = Config(method="relgan")
    weights = {
        "real": 1, "fake": 1, "match_real": 1, "match_fake": 1, "match_wrong": 1, "interp_d": 10, "gp": 150,
        "adv": 1, "match": 1, "interp": 10, "cyc": 10, "rec": 10, "ortho": 2e-6, "l1": 0,
    }  # fmt: skip
    assert {name: config.weight(name) for name in weights} == weights
    assert {config.optimiser.rate(step, 10) for step in range(10)} == {5e-5}, "constant"
    assert (config.generator.init, config.discriminator.init) == ("he", "he_lecun")


def test_losses_match_their_definitions():
    m, b = method(), batch()
    got = terms(m, b)
    v, alpha = b.target - b.source, with_draws(m, b).draws["alpha"].double()
    full, part, none = (m.generator(b.image, x) for x in (v, alpha * v, 0 * v))
    d = m.discriminator
    real = lambda x: d.realness(d.trunk(x))  # noqa: E731
    degree = lambda x: d.interpolation(d.trunk(x))  # noqa: E731
    match = d.matching(d.trunk(b.image), d.trunk(full), v)
    distance = torch.tensor([min(a, 1 - a) for a in alpha.flatten().tolist()]).double().view(-1, 1, 1, 1)
    oracle = {
        "real": ((real(b.image) - 1) ** 2).mean(),
        "fake": (real(full) ** 2).mean(),
        "match_fake": (match**2).mean(),
        "interp_d": ((degree(part) - distance) ** 2).mean() + (degree(none) ** 2).mean() + (degree(full) ** 2).mean(),
        "adv": ((real(full) - 1) ** 2).mean(),
        "match": ((match - 1) ** 2).mean(),
        "interp": (degree(part) ** 2).mean(),
        "cyc": (m.generator(full, -v) - b.image).abs().mean(),
        "rec": (none - b.image).abs().mean(),
        "ortho": orthogonality(m.generator),
    }
    assert got.keys() == oracle.keys() | {"match_real", "match_wrong", "gp"}
    for name, value in oracle.items():
        torch.testing.assert_close(got[name], value, msg=name)


def test_the_gradient_penalty_lies_between_an_image_and_its_translation():
    """A critic |x|^2 / 2 on the trunk's place shows where it was asked."""
    m = method()
    b = with_draws(m, batch())
    fakes = m.fakes(b)
    seen = []
    m.discriminator.realness = lambda x: (seen.append(x), (x**2).sum(dim=(1, 2, 3), keepdim=True) / 2)[1]
    m.discriminator.trunk = nn.Identity()
    m.discriminator.interpolation = lambda x: x[:, :1]
    m.discriminator.matching = lambda x, y, v: x[:, :1]
    penalty = m.discriminator_losses(b, fakes)["gp"]
    point = seen[-1]
    alpha = ((point - fakes.full) / (b.image - fakes.full)).flatten(1)
    assert torch.allclose(alpha, alpha.median(dim=1, keepdim=True).values.expand_as(alpha), atol=1e-6)
    torch.testing.assert_close(penalty, ((point.flatten(1).norm(dim=1) - 1) ** 2).mean())


def test_real_triples_are_right_and_each_wrong_one_has_one_member_replaced():
    m = method()
    b = with_draws(m, batch())
    m.discriminator = Pairs()
    right, wrong = m.triples(b, b.image)
    assert right.item() == (3 - 1) ** 2 and wrong.item() == 4 * 3**2
    label = {x.sum().item(): a for x, a in zip(b.image, b.source, strict=True)}
    found = []
    for before, after, vector in m.discriminator.asked:
        assert sorted(before.tolist()) == sorted(after.tolist()) == sorted(label), "every image once in each place"
        found.append([(x, y, v) for x, y, v in zip(before.tolist(), after.tolist(), vector, strict=True)])
    for k in range(B):
        (x, y, v), *others = (triples[k] for triples in found)
        (z,) = {t[0] for t in others} - {x}
        assert len({x, y, z}) == 3
        assert torch.equal(v, label[y] - label[x])
        by_hand = [(z, y, v), (x, z, v), (x, y, label[y] - label[z]), (x, y, label[z] - label[x])]
        for made, wanted in zip(others, by_hand, strict=True):
            assert made[:2] == wanted[:2] and torch.equal(made[2], wanted[2])


def test_wrong_triples_that_are_right_can_be_left_out():
    one_domain = with_draws(method(1), dataclasses.replace(batch(n_attr=1), source=torch.ones(B, 1).double()))
    for kind, loss in (("all", 4 * 3**2), ("checked", 0)):
        m = method(1, wrong_triples=kind)
        m.discriminator = Pairs()
        assert m.triples(one_domain, one_domain.image)[1].item() == loss
    m = method(3, wrong_triples="checked")
    m.discriminator = Pairs()
    distinct = with_draws(m, dataclasses.replace(batch(), source=torch.eye(5).double(), target=torch.eye(5).double()))
    assert m.triples(distinct, distinct.image)[1].item() == 4 * 3**2


def test_orthogonality_by_hand():
    conv, up = nn.Conv2d(1, 2, (1, 2), bias=False), nn.ConvTranspose2d(1, 2, (1, 2), bias=False)
    conv.weight.data = torch.tensor([[1.0, 2.0], [3.0, -1.0]]).view(2, 1, 1, 2)
    up.weight.data = torch.tensor([[2.0, 0.0], [1.0, 5.0]]).view(1, 2, 1, 2)
    assert orthogonality(conv).item() == 2 * 1**2
    assert orthogonality(nn.Sequential(conv, nn.ReLU(), up)).item() == 2 * 1**2 + 2 * 2**2
    nn.init.orthogonal_(conv.weight)
    assert orthogonality(conv).item() == pytest.approx(0, abs=1e-12)


def test_both_players_are_updated_on_every_batch():
    m = method()
    for step in range(6):
        assert [update.player for update in updates(m, dataclasses.replace(batch(), step=step))] == list(PLAYERS)
    assert m.config.generator_updates_per_step == 1
    b = with_draws(m, batch())
    assert m.config.fakes_per_step == sum(x.shape == b.image.shape for x in m.fakes(b))


@pytest.mark.parametrize("player", PLAYERS)
def test_a_players_step_leaves_the_other_without_gradient(player):
    m = method(lambda_l1=1)
    for name, losses, _ in updates(m, batch(paired=True)):
        if name == player:
            sum(losses.values()).backward()
    mine, other = (getattr(m, name) for name in (player, next(x for x in PLAYERS if x != player)))
    assert all(p.grad is None and p.requires_grad for p in other.parameters())
    assert all(p.grad is not None for p in mine.parameters())
    assert all(p.grad.abs().sum() > 0 for p in mine.parameters() if p.ndim == 4)


def test_the_paired_task_compares_with_the_truth():
    m, b = method(lambda_l1=100), batch(paired=True)
    torch.testing.assert_close(terms(m, b)["l1"], (m.generator(b.image, b.target - b.source) - b.truth).abs().mean())
    assert "l1" not in terms(m, batch()) and "l1" not in terms(method(), batch(paired=True))


def test_translation_sees_only_the_difference_of_labels():
    m, b = method().eval(), batch()
    with torch.no_grad():
        made = m.translate(b.image, b.source, b.target)
        assert made.shape == b.image.shape and made.abs().max() <= 1
        assert torch.equal(made, m.translate(b.image, b.source + 1, b.target + 1))
        assert torch.equal(made, m.generator(b.image, b.target - b.source))
        torch.testing.assert_close(made[:1], m.translate(b.image[:1], b.source[:1], b.target[:1]))


@pytest.mark.parametrize("norm", ["switchable", "in"])
@pytest.mark.parametrize("n_attr", [1, A])
def test_swapping_the_label_changes_the_output_at_initialisation(norm, n_attr):
    m, b = method(n_attr, norm=norm), batch(n_attr=n_attr)
    with torch.no_grad():
        here, there = (m.translate(b.image, b.source, label) for label in (b.source, 1 - b.source))
    assert (here - there).abs().max() > 1e-3


def test_random_numbers_come_from_the_batch():
    first, same, other = (terms(method(), batch(), seed) for seed in (0, 0, 5))
    for name in ("gp", "interp", "match_wrong"):
        assert first[name] == same[name] != other[name]
