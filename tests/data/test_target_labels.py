"""Target labels: permutations keep the batch's labels, paths stay between two labels."""

import pytest
import torch

from insm.data import target_labels as labels
from insm.support.runtime import generator


@pytest.fixture
def ten():
    """64 labels of 10 attributes."""
    return (torch.rand(64, 10, generator=generator(0)) < 0.4).float()


def rows(label) -> list:
    return sorted(map(tuple, label.tolist()))


def test_permuted_keeps_the_multiset(ten):
    drawn = labels.permuted(ten, generator(1))
    assert rows(drawn) == rows(ten) and not torch.equal(drawn, ten)


def test_flipped_inverts_every_attribute(ten):
    assert torch.equal(labels.flipped(ten, generator(1)) + ten, torch.ones_like(ten))


def test_path_takes_every_attribute_from_one_end(ten):
    source, target = ten, labels.permuted(ten, generator(1))
    drawn = labels.path(source, target, generator(2))
    assert ((drawn == source) | (drawn == target)).all()
    taken_from_target = (drawn == target)[source != target].float().mean().item()
    assert 0.35 < taken_from_target < 0.65, "each end half of the time"
    assert torch.equal(labels.path(source, source, generator(3)), source)


def test_independent_attributes_are_fair_and_ignore_the_labels(ten):
    drawn = labels.independent(torch.ones(2000, 4), generator(4))
    assert set(drawn.unique().tolist()) == {0.0, 1.0}
    assert (drawn.mean(dim=0) - 0.5).abs().max() < 0.06
    assert (torch.corrcoef(drawn.T) - torch.eye(4)).abs().max() < 0.1
    assert torch.equal(labels.independent(ten, generator(5)), labels.independent(1 - ten, generator(5)))


@pytest.mark.parametrize(
    "draw",
    [labels.permuted, labels.independent, lambda ten, rng: labels.path(ten, 1 - ten, rng)],
    ids=lambda f: f.__name__,
)
def test_equal_seeds_give_equal_draws_of_the_same_kind(ten, draw):
    one, two, other = (draw(ten, generator(seed)) for seed in (6, 6, 7))
    assert torch.equal(one, two) and not torch.equal(one, other)
    assert one.shape == ten.shape and one.dtype == ten.dtype


def test_every_target_rule_maps_labels_to_labels(ten):
    for name, draw in labels.TARGETS.items():
        drawn = draw(ten, generator(8))
        assert drawn.shape == ten.shape and drawn.dtype == ten.dtype and ((drawn == 0) | (drawn == 1)).all(), name
