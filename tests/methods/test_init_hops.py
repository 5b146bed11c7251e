"""INIT trains on chains of translations: Eq. 9 and 10."""

import dataclasses

import pytest
import torch
import torch.nn.functional as F

from tests.methods.small_init import SMALL, batch, method
from tests.methods.steps import terms, with_draws


@pytest.mark.parametrize(("hops", "terms"), [(1, 1), (2, 3), (3, 6)])
def test_term_counts(hops, terms):
    separate, nested = (method(mst={"hops": hops, "chain": chain}) for chain in ("separate", "nested"))
    assert len(separate.fakes(with_draws(separate, batch())).hops) == terms
    fakes = nested.fakes(with_draws(nested, batch())).hops
    assert len(fakes) == hops
    assert sum(hop.times for hop in fakes) == terms


def test_chain_applies_the_generator_again_and_again():
    m = method(mst={"hops": 3, "chain": "nested"})
    b = with_draws(m, batch())
    fakes = m.fakes(b).hops
    x = b.image
    for hop in fakes:
        x = m.generator(x, hop.label)
        torch.testing.assert_close(x, hop.image)
    assert fakes[-1].label is b.target
    assert [hop.times for hop in fakes] == [3, 2, 1]


def test_first_hop_goes_straight_to_the_target():
    m = method(mst={"hops": 3})
    b = with_draws(m, batch())
    fakes = m.fakes(b).hops
    assert fakes[0].label is b.target
    assert [hop.label is b.target for hop in fakes] == [True, False, True, False, False, True]


def test_detaching_between_hops_stops_the_gradient():
    for detach in (False, True):
        m = method(mst={"hops": 2, "chain": "nested", "detach_between_hops": detach})
        first, second = m.fakes(with_draws(m, batch())).hops
        (grad,) = torch.autograd.grad(second.image.sum(), first.image, allow_unused=True)
        assert (grad is None) == detach


def test_intermediate_labels():
    b = batch()
    (permuted,), (between,), (independent,) = (
        with_draws(method(mst={"inter": inter}), b).draws["intermediates"] for inter in ("perm", "path", "independent")
    )
    assert sorted(permuted.tolist()) == sorted(b.source.tolist())
    assert ((between == b.source) | (between == b.target)).all()
    assert set(independent.unique().tolist()) <= {0.0, 1.0}


@pytest.mark.parametrize("chain", ["separate", "nested"])
@pytest.mark.parametrize("hops", [1, 2, 3])
def test_fakes_per_step_counts_the_images(hops, chain):
    m = method(mst={"hops": hops, "chain": chain})
    assert m.config.fakes_per_step == len(m.fakes(with_draws(m, batch())).hops)


@pytest.mark.parametrize("chain", ["separate", "nested"])
@pytest.mark.parametrize("hops", [1, 2, 3])
def test_one_pass_of_the_generator_makes_what_is_as_old(hops, chain):
    m = method(mst={"hops": hops, "chain": chain}, lambda_rec=1).double()
    b = with_draws(m, batch())
    b = dataclasses.replace(b, image=b.image.double())
    passes = []
    m.generator.register_forward_hook(lambda module, inputs, output: passes.append(len(output)))
    fakes = m.fakes(b)
    assert len(passes) == hops and sum(passes) == len(b.image) * (
        m.config.fakes_per_step + 1 + (fakes.one_hop.times == 0)
    )
    torch.testing.assert_close(fakes.one_hop.image, m.generator(b.image, b.target))
    torch.testing.assert_close(fakes.same, m.generator(b.image, b.source))


@pytest.mark.parametrize("norm", ["in", "bn"])
def test_a_batch_norm_sees_the_images_that_it_saw_apart(norm):
    """Its statistics are those of one call of the network, so different calls may not be joined."""
    sizes = {
        "generator": SMALL["generator"] | {"first_norm": norm},
        "discriminator": SMALL["discriminator"] | {"norm": norm},
    }
    m, apart = method(**sizes), method(**sizes)
    b = with_draws(m, batch())
    got = terms(m, b)
    hops = [apart.generator(b.image, b.target)]
    between = apart.generator(b.image, b.draws["intermediates"][0])
    hops = [(hops[0], b.target), (between, b.draws["intermediates"][0]), (apart.generator(between, b.target), b.target)]
    if norm == "bn":
        real = F.softplus(-apart.discriminator(b.image, b.source)).mean()
        torch.testing.assert_close(got["real"], real)
    logits = [apart.discriminator(image, label) for image, label in hops]
    weights = m.weights(b, m.fakes(b).one_hop, logits[0])[0].detach()
    expected = sum((weights * F.softplus(d).flatten(1).mean(1)).mean() for d in logits)
    torch.testing.assert_close(got["fake"], expected)
