"""INIT against hand-computed values and float64 oracles."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from insm import labels
from insm.batch import Batch
from insm.methods import init
from insm.methods.init import Config, Method, delta_l, distance_matrix, importance, kappa, optimum
from insm.runtime import generator

B, A, SIZE = 6, 4, 32
SMALL = {
    "method": "init",
    "generator": {"width": 8, "downs": 1, "blocks": 1, "kernel": 3},
    "discriminator": {"width": 8, "downs": 2},
}


class Pixels(torch.nn.Module):
    """A stand-in for phi: average colours of 4 x 4 regions."""

    def forward(self, image):
        return F.adaptive_avg_pool2d(image, 4).flatten(1)


def method(**options) -> Method:
    torch.manual_seed(0)
    return Method(Config.model_validate(SMALL | options), A, SIZE, Pixels())


def batch(seed: int = 0, paired: bool = False) -> Batch:
    rng = generator(seed)
    image = torch.rand(B, 3, SIZE, SIZE, generator=rng) * 2 - 1
    source = (torch.rand(B, A, generator=rng) < 0.5).float()
    partner = torch.rand(B, 3, SIZE, SIZE, generator=rng) * 2 - 1 if paired else None
    return Batch(image, source, labels.permuted(source, rng), partner, rng)


def one_pass(m: Method, b: Batch) -> dict[str, torch.Tensor]:
    """All loss terms of one batch without any update."""
    return {name: value for _, losses in m.steps(b) for name, value in losses.items()}


def sphere(n: int, d: int, seed: int = 0) -> torch.Tensor:
    return F.normalize(torch.randn(n, d, generator=generator(seed), dtype=torch.float64))


def simplex(n: int) -> torch.Tensor:
    """n unit vectors with all pairwise distances equal: centred basis vectors."""
    return F.normalize(torch.eye(n, dtype=torch.float64) - 1 / n)


# Eq. 6: distances and their gap.


def test_distance_matrix_is_euclidean():
    u, v = sphere(4, 5, 0), sphere(4, 5, 1)
    oracle = [[math.dist(a, b) for b in v.tolist()] for a in u.tolist()]
    assert np.allclose(distance_matrix(u, v), oracle, atol=1e-12)


def test_delta_l_by_hand():
    e = torch.tensor([[1.0, 5.0], [3.0, 2.0]])
    assert delta_l(e, "sum") == (8.0, 3.0)  # permuted 5 + 3, relative 1 + 2
    assert delta_l(e, "mean") == (4.0, 1.5)
    permuted, relative = delta_l(e, "sum")
    assert permuted - relative == e.sum() - 2 * e.trace()  # the printed right-hand side


def test_optimum_values():
    assert optimum("two_r", 1.5, 16) == 3.0
    reachable = {2: 2.0, 4: 1.6330, 8: 1.5119, 16: 1.4606}
    for n, value in reachable.items():
        assert optimum("simplex", 1.0, n) == pytest.approx(value, abs=1e-4)


@pytest.mark.parametrize("n", [2, 5, 16])
def test_simplex_reaches_its_optimum_and_nothing_beats_it(n):
    u = simplex(n)
    permuted, relative = delta_l(distance_matrix(u, u))
    assert float(permuted - relative) == pytest.approx(optimum("simplex", 1.0, n), abs=1e-6)
    for seed in range(5):
        other = delta_l(distance_matrix(sphere(n, n, seed), sphere(n, n, seed)))
        assert other[0] - other[1] <= optimum("simplex", 1.0, n) + 1e-9


# Eq. 7: scale and weight.


def test_kappa_is_one_at_the_simplex_and_nine_for_equal_embeddings():
    u = simplex(8)
    best = delta_l(distance_matrix(u, u))
    assert float(kappa(best[0] - best[1], optimum("simplex", 1.0, 8))) == pytest.approx(1.0, abs=1e-6)
    same = u[:1].expand(8, -1)
    flat = delta_l(distance_matrix(same, same))
    assert float(kappa(flat[0] - flat[1], optimum("two_r", 1.0, 8))) == pytest.approx(9.0)


def test_importance_forms():
    d = torch.tensor([-20.0, -1.0, 0.0, 2.0, 20.0])
    clamp = d.double().clamp(-10, 10).exp()
    assert torch.allclose(importance(d, "literal").double(), clamp, rtol=1e-6)
    assert torch.allclose(importance(d, "clipped", 3.0).double(), d.double().clamp(-3, 3).exp(), rtol=1e-6)
    normal = importance(d, "selfnorm").double()
    assert torch.allclose(normal, 5 * d.double().exp() / d.double().exp().sum(), rtol=1e-6)
    assert normal.mean() == pytest.approx(1.0, abs=1e-6)
    assert normal.max() <= len(d)


def test_importance_recovers_the_density_ratio():
    """Eq. 3-5: with the optimal D of two known densities, e^d is p_data / p_g and averages to 1 under p_g."""
    x = np.random.default_rng(0).normal(0, 1, 400_000)  # p_g = N(0, 1), p_data = N(0.5, 1)
    log_ratio = 0.5 * x - 0.125
    best = 1 / (1 + np.exp(-log_ratio))
    assert np.allclose(best, np.exp(-((x - 0.5) ** 2) / 2) / (np.exp(-((x - 0.5) ** 2) / 2) + np.exp(-(x**2) / 2)))
    assert importance(torch.from_numpy(log_ratio), "literal").mean() == pytest.approx(1.0, abs=0.01)


def test_selfnorm_weights_average_to_kappa_and_carry_no_gradient():
    m, b = method(), batch()
    weights = m.weights(b, m.hops(b)[0])
    assert not weights.requires_grad
    assert weights.mean().item() == pytest.approx(float(m.diagnostics["kappa"]), rel=1e-5)


def test_gradient_through_kappa_is_an_option():
    m, b = method(aiw={"grad_through_kappa": True}), batch()
    weights = m.weights(b, m.hops(b)[0])
    assert weights.requires_grad
    assert torch.autograd.grad(weights.sum(), m.generator.layers[0].weight)[0].abs().sum() > 0


def test_weights_come_from_the_one_hop_picture():
    m, b = method(), batch()
    fakes = m.hops(b)
    weights = m.weights(b, fakes[0])
    with torch.no_grad():
        d = m.discriminator(m.generator(b.image, b.target), b.target).flatten(1).mean(1).double()
        u, v = (F.normalize(Pixels()(x).double()) for x in (b.image, m.generator(b.image, b.target)))
    e = torch.cdist(u, v)
    gap = (e.sum() - e.trace()) / (B * (B - 1)) - e.trace() / B
    oracle = (1 + 2 - gap) ** 2 * B * d.softmax(0)
    assert torch.allclose(weights.double(), oracle, rtol=1e-4)


def test_distances_and_optimum_scale_with_the_radius():
    """kappa(r) = (1 + r (2 - gap at r = 1))^2: the radius is a hidden weight."""
    one, two = (method(delta_l={"r": r}) for r in (1.0, 2.0))
    for m in (one, two):
        b = batch()
        m.weights(b, m.hops(b)[0])
    gap = float(one.diagnostics["delta_l_n"] - one.diagnostics["delta_l_p"])
    assert float(two.diagnostics["kappa"]) == pytest.approx((1 + 2 * (2 - gap)) ** 2, rel=1e-4)


# Eq. 9 and 10: hops.


@pytest.mark.parametrize(("hops", "terms"), [(1, 1), (2, 3), (3, 6)])
def test_term_counts(hops, terms):
    separate, nested = (method(mst={"hops": hops, "chain": chain}) for chain in ("separate", "nested"))
    assert len(separate.hops(batch())) == terms
    fakes = nested.hops(batch())
    assert len(fakes) == hops
    assert sum(hop.times for hop in fakes) == terms


def test_chain_applies_the_generator_again_and_again():
    m, b = method(mst={"hops": 3, "chain": "nested"}), batch()
    fakes = m.hops(b)
    x = b.image
    for hop in fakes:
        x = m.generator(x, hop.label)
        assert torch.equal(x, hop.image)
    assert fakes[-1].label is b.target
    assert [hop.times for hop in fakes] == [3, 2, 1]


def test_first_hop_goes_straight_to_the_target():
    m, b = method(mst={"hops": 3}), batch()
    fakes = m.hops(b)
    assert fakes[0].label is b.target
    assert [hop.label is b.target for hop in fakes] == [True, False, True, False, False, True]


def test_detaching_between_hops_stops_the_gradient():
    for detach in (False, True):
        m, b = method(mst={"hops": 2, "chain": "nested", "detach_between_hops": detach}), batch()
        first, second = m.hops(b)
        (grad,) = torch.autograd.grad(second.image.sum(), first.image, allow_unused=True)
        assert (grad is None) == detach


# Eq. 2, 8, 10: losses.


@pytest.mark.parametrize("gan", ["nonsat", "minimax"])
@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_losses_match_a_float64_oracle(gan, reduce):
    m, b = method(gan=gan, mst={"hops": 2, "reduce": reduce}).double(), batch()
    b = Batch(b.image.double(), b.source.double(), b.target.double(), None, b.rng)
    state = b.rng.get_state()
    fakes = m.hops(b)
    weights = m.weights(b, fakes[0]).double()
    b.rng.set_state(state)
    got = one_pass(m, b)
    d_real = m.discriminator(b.image, b.source)
    log_d = lambda d: torch.log(torch.sigmoid(d)).flatten(1).mean(1)  # noqa: E731
    log_not_d = lambda d: torch.log(1 - torch.sigmoid(d)).flatten(1).mean(1)  # noqa: E731
    logits = [m.discriminator(hop.image, hop.label) for hop in fakes]
    share = 1 if reduce == "sum" else 1 / 3
    assert torch.allclose(got["real"], -log_d(d_real).mean())
    assert torch.allclose(got["fake"], share * sum(-(weights * log_not_d(d)).mean() for d in logits), rtol=1e-5)
    fool = log_not_d if gan == "minimax" else lambda d: -log_d(d)
    assert torch.allclose(got["adv"], share * sum((weights * fool(d)).mean() for d in logits), rtol=1e-5)


def test_minimax_times_weight_saturates_twice_and_nonsat_is_plain_minimax():
    """Fact sheet 7.5: at fixed weight, d/dd of e^d log(1 - sigma) is -e^d sigma, and of -e^d log sigma is -sigma."""
    d = torch.linspace(-4, 2, 7, dtype=torch.float64, requires_grad=True)
    weight = d.detach().exp()
    (minimax,) = torch.autograd.grad((-weight * F.softplus(d)).sum(), d, retain_graph=True)
    (nonsat,) = torch.autograd.grad((weight * F.softplus(-d)).sum(), d)
    assert torch.allclose(minimax, -weight * torch.sigmoid(d).detach())
    assert torch.allclose(nonsat, -torch.sigmoid(d).detach())


@pytest.mark.parametrize("side", ["discriminator", "generator"])
def test_weights_can_apply_to_one_side(side):
    other = "adv" if side == "discriminator" else "fake"
    weighted, plain = one_pass(method(), batch()), one_pass(method(aiw={"enabled": False}), batch())
    half = one_pass(method(aiw={"apply_to": side}), batch())
    assert torch.equal(half[other], plain[other])
    mine = "fake" if side == "discriminator" else "adv"
    assert torch.equal(half[mine], weighted[mine])
    assert not torch.equal(half[mine], plain[mine])


def test_plain_variant_is_a_logistic_conditional_gan_bit_for_bit():
    """Ablation (e): all flags off."""
    m, b = method(aiw={"enabled": False}, mst={"hops": 1}), batch()
    fake = m.generator(b.image, b.target)
    real = F.softplus(-m.discriminator(b.image, b.source)).flatten(1).mean(1).mean()
    fooled = F.softplus(m.discriminator(fake.detach(), b.target)).flatten(1).mean(1).mean()
    adv = F.softplus(-m.discriminator(fake, b.target)).flatten(1).mean(1).mean()
    got = one_pass(m, b)
    assert got.keys() == {"real", "fake", "adv"}
    for mine, theirs in zip((real, fooled, adv), (got["real"], got["fake"], got["adv"]), strict=True):
        assert torch.equal(mine, theirs)


def test_full_model_without_aiw_is_ablation_a():
    off = one_pass(method(mst={"hops": 2}, aiw={"enabled": False}), batch())
    m, b = method(mst={"hops": 2}), batch()
    fakes = m.hops(b)
    ones = torch.ones(B)
    a = m.discriminator_losses(b, fakes, ones) | m.generator_losses(b, fakes, ones)
    assert all(torch.equal(off[name], a[name]) for name in off)


def test_update_order_follows_the_key():
    for first, second in (("discriminator", "generator"), ("generator", "discriminator")):
        assert [player for player, _ in method(update_order=first).steps(batch())] == [first, second]


def test_generator_step_leaves_the_discriminator_without_gradient():
    m = method()
    for player, losses in m.steps(batch()):
        if player == "generator":
            losses["adv"].backward()
    assert all(parameter.grad is None for parameter in m.discriminator.parameters())
    assert all(parameter.requires_grad for parameter in m.discriminator.parameters())
    assert any(parameter.grad.abs().sum() > 0 for parameter in m.generator.parameters())


def test_discriminator_step_leaves_the_generator_without_gradient():
    m = method()
    player, losses = next(m.steps(batch()))
    assert player == "discriminator"
    sum(losses.values()).backward()
    assert all(parameter.grad is None for parameter in m.generator.parameters())


# Content terms.


def test_reconstruction_decodes_with_the_source_label():
    m, b = method(lambda_rec=10), batch()
    got = one_pass(m, b)
    assert torch.equal(got["rec"], (m.generator(b.image, b.source) - b.image).abs().mean())
    assert m.config.weight("rec") == 10
    assert "rec" not in one_pass(method(), batch())


@pytest.mark.parametrize("chain", ["separate", "nested"])
def test_paired_l1_compares_the_translation_to_the_target_with_the_truth(chain):
    m, b = method(lambda_l1=100, mst={"hops": 2, "chain": chain}), batch(paired=True)
    state = b.rng.get_state()
    translated = next(hop for hop in m.hops(b) if hop.label is b.target)
    b.rng.set_state(state)
    assert torch.equal(one_pass(m, b)["l1"], (translated.image - b.truth).abs().mean())


# Networks.


@pytest.mark.parametrize("first_norm", ["none", "in"])
@pytest.mark.parametrize("output", ["tanh", "residual", "masked"])
def test_swapping_the_label_changes_the_output_at_initialisation(first_norm, output):
    """The trap of section 1: instance norm erases a constant label plane, but for the zero-padded border."""
    m, b = method(generator=SMALL["generator"] | {"first_norm": first_norm, "output": output}), batch()
    with torch.no_grad():
        here, there = (m.translate(b.image, b.source, label) for label in (b.source, 1 - b.source))
    assert (here - there).abs().max() > 1e-6


def test_translation_stays_in_range():
    m, b = method(generator=SMALL["generator"] | {"output": "residual"}), batch()
    with torch.no_grad():
        for parameter in m.generator.parameters():
            parameter.mul_(30)
        assert m.translate(b.image, b.source, b.target).abs().max() <= 1


def test_intermediate_labels():
    b = batch()
    assert sorted(method().intermediate(b).tolist()) == sorted(b.source.tolist())
    way = method(mst={"inter": "path"}).intermediate(b)
    assert ((way == b.source) | (way == b.target)).all()
    assert set(method(mst={"inter": "bits"}).intermediate(b).unique().tolist()) <= {0.0, 1.0}


def test_needs_embedding_only_with_aiw():
    assert init.Method.needs_embedding(Config(method="init"))
    assert not init.Method.needs_embedding(Config(method="init", aiw={"enabled": False}))


def test_label_range_is_what_the_networks_see():
    m, plain, b = method(label_range="plus_minus_one"), method(), batch()
    with torch.no_grad():
        assert torch.equal(m.d(b.image, b.source), plain.discriminator(b.image, 2 * b.source - 1))
        assert torch.equal(m.g(b.image, b.source), plain.generator(b.image, 2 * b.source - 1))
        assert torch.equal(plain.d(b.image, b.source), plain.discriminator(b.image, b.source))


@pytest.mark.parametrize("chain", ["separate", "nested"])
@pytest.mark.parametrize("hops", [1, 2, 3])
def test_fakes_per_step_counts_the_pictures(hops, chain):
    m = method(mst={"hops": hops, "chain": chain})
    assert Method.fakes_per_step(m.config) == len(m.hops(batch()))


@pytest.mark.parametrize("network", ["generator", "discriminator"])
def test_initial_weights(network):
    normal, default = (
        getattr(method(**{network: SMALL[network] | {"init": init}}), network) for init in ("normal", "default")
    )
    spread = [[x.std().item() for x in net.parameters() if x.ndim == 4] for net in (normal, default)]
    assert spread[0] == pytest.approx([0.02] * len(spread[0]), rel=0.15)
    assert max(spread[1]) > 0.03
