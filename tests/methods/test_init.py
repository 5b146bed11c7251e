"""INIT's losses, updates and networks; test_init_weights.py and test_init_hops.py have AIW and MST."""

import pytest
import torch
import torch.nn.functional as F

from insm.data.batch import Batch
from tests.methods.small_init import SMALL, batch, method
from tests.methods.steps import terms, updates, with_draws

# Eq. 2 and 10: losses.


@pytest.mark.parametrize("gan", ["nonsat", "minimax"])
@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_losses_match_a_float64_oracle(gan, reduce):
    m, b = method(gan=gan, mst={"hops": 2, "reduce": reduce}).double(), batch()
    b = with_draws(m, Batch(b.image.double(), b.source.double(), b.target.double(), None))
    fakes = m.fakes(b).hops
    weights = m.weights(b, fakes[0])[0].double()
    got = terms(m, b)
    d_real = m.discriminator(b.image, b.source)
    log_d = lambda d: torch.log(torch.sigmoid(d)).flatten(1).mean(1)  # noqa: E731
    log_not_d = lambda d: torch.log(1 - torch.sigmoid(d)).flatten(1).mean(1)  # noqa: E731
    logits = [m.discriminator(hop.image, hop.label) for hop in fakes]
    factor = 1 if reduce == "sum" else 1 / 3
    assert torch.allclose(got["real"], -log_d(d_real).mean())
    assert torch.allclose(got["fake"], factor * sum(-(weights * log_not_d(d)).mean() for d in logits), rtol=1e-5)
    fool = log_not_d if gan == "minimax" else lambda d: -log_d(d)
    assert torch.allclose(got["adv"], factor * sum((weights * fool(d)).mean() for d in logits), rtol=1e-5)


def test_plain_variant_is_a_logistic_conditional_gan():
    """Ablation (e): all flags off."""
    m, b = method(aiw={"enabled": False}, mst={"hops": 1}), batch()
    fake = m.generator(b.image, b.target)
    real = F.softplus(-m.discriminator(b.image, b.source)).flatten(1).mean(1).mean()
    fooled = F.softplus(m.discriminator(fake.detach(), b.target)).flatten(1).mean(1).mean()
    adv = F.softplus(-m.discriminator(fake, b.target)).flatten(1).mean(1).mean()
    got = terms(m, b)
    assert got.keys() == {"real", "fake", "adv"}
    for mine, theirs in zip((real, fooled, adv), (got["real"], got["fake"], got["adv"]), strict=True):
        torch.testing.assert_close(mine, theirs)


def test_update_order_follows_the_key():
    for first, second in (("discriminator", "generator"), ("generator", "discriminator")):
        assert [update.player for update in updates(method(update_order=first), batch())] == [first, second]


def test_generator_step_leaves_the_discriminator_without_gradient():
    m = method()
    for player, losses, _ in updates(m, batch()):
        if player == "generator":
            losses["adv"].backward()
    assert all(parameter.grad is None for parameter in m.discriminator.parameters())
    assert all(parameter.requires_grad for parameter in m.discriminator.parameters())
    assert any(parameter.grad.abs().sum() > 0 for parameter in m.generator.parameters())


def test_discriminator_step_leaves_the_generator_without_gradient():
    m = method()
    player, losses, _ = next(updates(m, batch()))
    assert player == "discriminator"
    sum(losses.values()).backward()
    assert all(parameter.grad is None for parameter in m.generator.parameters())


# Content terms.


def test_reconstruction_decodes_with_the_source_label():
    m, b = method(lambda_rec=10), batch()
    got = terms(m, b)
    torch.testing.assert_close(got["rec"], (m.generator(b.image, b.source) - b.image).abs().mean())
    assert m.config.weight("rec") == 10
    assert "rec" not in terms(method(), batch())


@pytest.mark.parametrize("chain", ["separate", "nested"])
def test_paired_l1_compares_the_translation_to_the_target_with_the_truth(chain):
    m = method(lambda_l1=100, mst={"hops": 2, "chain": chain})
    b = with_draws(m, batch(paired=True))
    translated = m.generator(b.image, b.target)
    torch.testing.assert_close(terms(m, b)["l1"], (translated - b.truth).abs().mean())


# Networks.


@pytest.mark.parametrize("first_norm", ["none", "in"])
@pytest.mark.parametrize("output", ["tanh", "residual", "masked"])
def test_swapping_the_label_changes_the_output_at_initialisation(first_norm, output):
    """Instance norm erases a constant label plane, but for the zero-padded border."""
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


def test_label_range_is_what_the_networks_see():
    m, plain, b = method(label_range="plus_minus_one"), method(), batch()
    with torch.no_grad():
        assert torch.equal(m.d((b.image, b.source))[0], plain.discriminator(b.image, 2 * b.source - 1))
        assert torch.equal(m.g((b.image, b.source))[0], plain.generator(b.image, 2 * b.source - 1))
        assert torch.equal(plain.d((b.image, b.source))[0], plain.discriminator(b.image, b.source))


@pytest.mark.parametrize("network", ["generator", "discriminator"])
def test_initial_weights(network):
    normal, default = (
        getattr(method(**{network: SMALL[network] | {"init": init}}), network) for init in ("normal", "default")
    )
    spread = [[x.std().item() for x in net.parameters() if x.ndim == 4] for net in (normal, default)]
    assert spread[0] == pytest.approx([0.02] * len(spread[0]), rel=0.15)
    assert max(spread[1]) > 0.03
