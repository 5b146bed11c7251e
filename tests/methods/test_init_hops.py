"""INIT trains on chains of translations: Eq. 9 and 10."""

import pytest
import torch

from tests.methods.small_init import batch, method
from tests.methods.steps import with_draws


@pytest.mark.parametrize(("hops", "terms"), [(1, 1), (2, 3), (3, 6)])
def test_term_counts(hops, terms):
    separate, nested = (method(mst={"hops": hops, "chain": chain}) for chain in ("separate", "nested"))
    assert len(separate.hops(with_draws(separate, batch()))) == terms
    fakes = nested.hops(with_draws(nested, batch()))
    assert len(fakes) == hops
    assert sum(hop.times for hop in fakes) == terms


def test_chain_applies_the_generator_again_and_again():
    m = method(mst={"hops": 3, "chain": "nested"})
    b = with_draws(m, batch())
    fakes = m.hops(b)
    x = b.image
    for hop in fakes:
        x = m.generator(x, hop.label)
        assert torch.equal(x, hop.image)
    assert fakes[-1].label is b.target
    assert [hop.times for hop in fakes] == [3, 2, 1]


def test_first_hop_goes_straight_to_the_target():
    m = method(mst={"hops": 3})
    b = with_draws(m, batch())
    fakes = m.hops(b)
    assert fakes[0].label is b.target
    assert [hop.label is b.target for hop in fakes] == [True, False, True, False, False, True]


def test_detaching_between_hops_stops_the_gradient():
    for detach in (False, True):
        m = method(mst={"hops": 2, "chain": "nested", "detach_between_hops": detach})
        first, second = m.hops(with_draws(m, batch()))
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
    assert m.config.fakes_per_step == len(m.hops(with_draws(m, batch())))
