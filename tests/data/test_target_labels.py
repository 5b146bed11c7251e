"""Target labels: permutations keep the batch's labels, paths stay between two labels."""

import pytest
import torch

from insm.data import target_labels as labels
from insm.support.runtime import generator


@pytest.fixture
def bits():
    """64 labels of 10 bits."""
    return (torch.rand(64, 10, generator=generator(0)) < 0.4).float()


def rows(label) -> list:
    return sorted(map(tuple, label.tolist()))


def test_permuted_keeps_the_multiset(bits):
    drawn = labels.permuted(bits, generator(1))
    assert rows(drawn) == rows(bits) and not torch.equal(drawn, bits)


def test_flipped_inverts_every_bit(bits):
    assert torch.equal(labels.flipped(bits, generator(1)) + bits, torch.ones_like(bits))


def test_path_takes_every_bit_from_one_end(bits):
    source, target = bits, labels.permuted(bits, generator(1))
    drawn = labels.path(source, target, generator(2))
    assert ((drawn == source) | (drawn == target)).all()
    took = (drawn == target)[source != target].float().mean().item()
    assert 0.35 < took < 0.65, "each end half of the time"
    assert torch.equal(labels.path(source, source, generator(3)), source)


def test_bits_are_fair_and_independent_of_the_labels(bits):
    drawn = labels.bits(torch.ones(2000, 4), generator(4))
    assert set(drawn.unique().tolist()) == {0.0, 1.0}
    assert (drawn.mean(dim=0) - 0.5).abs().max() < 0.06
    assert (torch.corrcoef(drawn.T) - torch.eye(4)).abs().max() < 0.1
    assert torch.equal(labels.bits(bits, generator(5)), labels.bits(1 - bits, generator(5)))


@pytest.mark.parametrize(
    "draw", [labels.permuted, labels.bits, lambda bits, rng: labels.path(bits, 1 - bits, rng)], ids=lambda f: f.__name__
)
def test_equal_seeds_give_equal_draws_of_the_same_kind(bits, draw):
    one, two, other = (draw(bits, generator(seed)) for seed in (6, 6, 7))
    assert torch.equal(one, two) and not torch.equal(one, other)
    assert one.shape == bits.shape and one.dtype == bits.dtype


def test_every_target_rule_maps_labels_to_labels(bits):
    for name, draw in labels.TARGETS.items():
        drawn = draw(bits, generator(8))
        assert drawn.shape == bits.shape and drawn.dtype == bits.dtype and ((drawn == 0) | (drawn == 1)).all(), name
