"""What STGAN changes in AttGAN: label differences. Losses and schedule are tested in test_attgan."""

import pytest
import torch

from insm.data.batch import Batch
from insm.methods import attgan, stgan
from insm.support.runtime import generator
from tests.methods.steps import updates

A, SIZE = 3, 32
SMALL = {"generator": {"width": 4}, "discriminator": {"width": 4, "features": 16}}


def method(**options) -> stgan.Method:
    torch.manual_seed(0)
    return stgan.Method(stgan.Config.model_validate({"method": "stgan"} | SMALL | options), A, SIZE)


def labels(n=64, seed=0):
    return (torch.rand(n, A, generator=generator(seed)) < 0.5).float()


@pytest.mark.parametrize(("label_range", "step"), [("half", 1.0), ("plus_minus_one", 2.0)])
def test_condition_is_the_difference_of_the_labels(label_range, step):
    source, target = labels(seed=1), labels(seed=2)
    difference = method(label_range=label_range).condition(source, target)
    assert torch.equal(difference, step * (target - source))
    assert set(difference.unique().tolist()) == {-step, 0.0, step}


def test_reconstruction_asks_for_no_change():
    m, seen = method(), []
    decode = m.generator.decode
    m.generator.decode = lambda features, condition: (seen.append(condition), decode(features, condition))[1]
    image = torch.rand(8, 3, SIZE, SIZE, generator=generator(0)) * 2 - 1
    (update,) = updates(m, Batch(image, labels(8, 1), labels(8, 2), None, step=5))
    assert torch.equal(seen[1], torch.zeros(8, A))
    assert torch.equal(update.losses["rec"], (m.generator(image, torch.zeros(8, A)) - image).abs().mean())


@pytest.mark.parametrize(("intensity", "change"), [(1.0, 1.0), (2.0, 1.5), (3.0, 2.0)])
def test_intensity_amplifies_the_edited_labels_values_before_the_difference(intensity, change):
    source, target = torch.tensor([[0.0, 1.0, 1.0, 0.0]]), torch.tensor([[1.0, 0.0, 1.0, 0.0]])
    assert method().condition(source, target, intensity).tolist() == [[change, -change, 0.0, 0.0]]


def test_translating_to_the_own_label_is_reconstruction_at_any_intensity():
    m, source = method(test_intensity=5.0).eval(), labels(2)
    image = torch.rand(2, 3, SIZE, SIZE, generator=generator(0)) * 2 - 1
    assert torch.equal(m.translate(image, source, source), m.generator(image, torch.zeros(2, A)))


def test_defaults_are_attgans_but_for_the_generator():
    ours, theirs = stgan.Config(method="any").model_dump(), attgan.Config(method="any").model_dump()
    changed = {key for key in ours if ours[key] != theirs[key]}
    assert ours.keys() == theirs.keys() and changed == {"generator"}
    assert {key for key in ours["generator"] if ours["generator"][key] != theirs["generator"][key]} == {
        "shortcuts",
        "injections",
    }


def test_the_discriminator_is_attgans():
    theirs = attgan.Method(attgan.Config.model_validate({"method": "attgan"} | SMALL), A, SIZE)
    shapes = lambda m: {name: value.shape for name, value in m.discriminator.state_dict().items()}  # noqa: E731
    assert shapes(method()) == shapes(theirs)
