"""INIT weights its samples: Eq. 7 and 8 against float64 oracles."""

import pytest
import torch
import torch.nn.functional as F

from insm.methods.init import Config
from tests.methods.small_init import SMALL, B, Pixels, batch, method
from tests.methods.steps import terms, with_draws


def test_selfnorm_weights_average_to_kappa_and_carry_no_gradient():
    m = method()
    b = with_draws(m, batch())
    weights, logged = m.weights(b, m.fakes(b).one_hop)
    assert not weights.requires_grad and not any(value.requires_grad for value in logged.values())
    assert weights.mean().item() == pytest.approx(float(logged["kappa"]), rel=1e-5)


def test_gradient_through_kappa_is_an_option():
    m = method(aiw={"grad_through_kappa": True})
    b = with_draws(m, batch())
    weights, _ = m.weights(b, m.fakes(b).one_hop)
    assert weights.requires_grad
    assert torch.autograd.grad(weights.sum(), m.generator.layers[0].weight)[0].abs().sum() > 0


def test_weights_come_from_the_one_hop_image():
    m = method()
    b = with_draws(m, batch())
    weights, _ = m.weights(b, m.fakes(b).one_hop)
    with torch.no_grad():
        d = m.discriminator(m.generator(b.image, b.target), b.target).flatten(1).mean(1).double()
        u, v = (F.normalize(Pixels()(x).double()) for x in (b.image, m.generator(b.image, b.target)))
    e = torch.cdist(u, v)
    gap = (e.sum() - e.trace()) / (B * (B - 1)) - e.trace() / B
    oracle = (1 + 2 - gap) ** 2 * B * d.softmax(0)
    assert torch.allclose(weights.double(), oracle, rtol=1e-4)


def test_weights_of_a_nested_chain_come_from_the_one_hop_image_too():
    """Algorithm 1, lines 6 to 8: x^t = G(x^s, a^t), whatever intermediate labels the chain goes through."""
    nested, single = method(mst={"hops": 3, "chain": "nested"}), method(mst={"hops": 1})
    b = with_draws(nested, batch())
    one_hop = nested.fakes(b).one_hop
    torch.testing.assert_close(one_hop.image, nested.generator(b.image, b.target))
    assert one_hop.label is b.target
    alone = with_draws(single, batch())
    weights = nested.weights(b, one_hop)[0]
    torch.testing.assert_close(weights, single.weights(alone, single.fakes(alone).one_hop)[0])
    logged = next(nested.steps(b)).logged
    assert torch.equal(logged["weight_max"], weights.max())


@pytest.mark.parametrize("order", ["discriminator", "generator"])
def test_the_logits_of_the_weights_are_those_of_the_first_update(order):
    m = method(update_order=order, discriminator=SMALL["discriminator"] | {"spectral_norm": True})
    b = with_draws(m, batch())
    passes = []
    m.discriminator.register_forward_hook(lambda module, inputs, output: passes.append(output.detach()))
    updates = list(m.steps(b))
    assert len(passes) == 2, "one pass of D for each update, and none for the weights"
    one_hop = passes[0][:B] if order == "generator" else passes[0][B : 2 * B]
    weights, _ = m.weights(b, m.fakes(b).one_hop, one_hop)
    torch.testing.assert_close(updates[0].logged["weight_max"], weights.max())


def test_distances_and_optimum_scale_with_the_radius():
    """kappa(r) = (1 + r (2 - gap at r = 1))^2: the radius is a hidden weight."""
    one, two = (method(delta_l={"r": r}) for r in (1.0, 2.0))
    logged = []
    for m in (one, two):
        b = with_draws(m, batch())
        logged.append(m.weights(b, m.fakes(b).one_hop)[1])
    gap = float(logged[0]["delta_l_n"] - logged[0]["delta_l_p"])
    assert float(logged[1]["kappa"]) == pytest.approx((1 + 2 * (2 - gap)) ** 2, rel=1e-4)


def test_minimax_times_weight_saturates_twice_and_nonsat_is_plain_minimax():
    """At fixed weight, d/dd of e^d log(1 - sigma) is -e^d sigma, and of -e^d log sigma is -sigma."""
    d = torch.linspace(-4, 2, 7, dtype=torch.float64, requires_grad=True)
    weight = d.detach().exp()
    (minimax,) = torch.autograd.grad((-weight * F.softplus(d)).sum(), d, retain_graph=True)
    (nonsat,) = torch.autograd.grad((weight * F.softplus(-d)).sum(), d)
    assert torch.allclose(minimax, -weight * torch.sigmoid(d).detach())
    assert torch.allclose(nonsat, -torch.sigmoid(d).detach())


@pytest.mark.parametrize("side", ["discriminator", "generator"])
def test_weights_can_apply_to_one_side(side):
    other = "adv" if side == "discriminator" else "fake"
    weighted, plain = terms(method(), batch()), terms(method(aiw={"enabled": False}), batch())
    half = terms(method(aiw={"apply_to": side}), batch())
    assert torch.equal(half[other], plain[other])
    mine = "fake" if side == "discriminator" else "adv"
    assert torch.equal(half[mine], weighted[mine])
    assert not torch.equal(half[mine], plain[mine])


def test_full_model_without_aiw_is_ablation_a():
    off = terms(method(mst={"hops": 2}, aiw={"enabled": False}), batch())
    m = method(mst={"hops": 2})
    b = with_draws(m, batch())
    fakes, ones = m.fakes(b), torch.ones(B)
    a = m.discriminator_losses(fakes, m.logits(b, fakes, "discriminator"), ones)
    a |= m.generator_losses(b, fakes, m.logits(b, fakes, "generator"), ones)
    assert all(torch.equal(off[name], a[name]) for name in off)


def test_needs_embedding_only_with_aiw():
    assert Config(method="init").needs_embedding
    assert not Config(method="init", aiw={"enabled": False}).needs_embedding


def test_shuffled_weights_are_the_same_numbers_of_other_samples():
    plain, shuffled = method(), method(aiw={"shuffled": True})
    drawn = [with_draws(m, batch()) for m in (plain, shuffled)]
    weights, control = (m.weights(b, m.fakes(b).one_hop)[0] for m, b in zip((plain, shuffled), drawn, strict=True))
    assert torch.equal(drawn[0].draws["intermediates"], drawn[1].draws["intermediates"]), "nothing else is drawn anew"
    assert torch.equal(weights.sort().values, control.sort().values) and not torch.equal(weights, control)
    assert torch.equal(control, weights[drawn[1].draws["order"]])
