"""Pretraining: losses by hand, reproducible views, training that trains."""

import math
import os
import signal
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from insm.data.sampler import Sampler
from insm.networks.classifier import ClassifierConfig
from insm.networks.embedding import EmbeddingConfig
from insm.support.runtime import generator
from insm.training import pretraining
from insm.training.pretraining import (
    TEMPERATURE,
    Resumption,
    attribute_loss,
    augment,
    identity_loss,
    train_classifier,
    train_embedding,
)

CPU = torch.device("cpu")
EMBEDDING = {"widths": [4], "features": 8, "updates": 6, "batch": 8}


def embedding(objective, split, portraits, resumption):
    settings = EmbeddingConfig.model_validate(EMBEDDING | {"objective": objective})
    return train_embedding(settings, split, portraits, CPU, 0, "embedding", resumption)


def classifier(split, portraits, resumption):
    return train_classifier(ClassifierConfig(updates=6, batch=8), split, portraits, CPU, resumption)


PRETRAININGS = {  # embed, recognise, classify
    "embedding": lambda *arguments: embedding("attributes", *arguments),
    "identity_encoder": lambda *arguments: embedding("identity", *arguments),
    "classifier": classifier,
}


@pytest.fixture
def sampler(split, portraits):
    return Sampler(split, portraits, batch=8, seed=0)


@pytest.fixture
def image(sampler):
    return sampler(0).image


def test_fit_lowers_the_loss_and_ends_in_evaluation_mode():
    torch.manual_seed(0)
    x = torch.randn(64, 5)
    y = x @ torch.randn(5, 1)
    network = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))
    loss = lambda step: F.mse_loss(network(x), y)  # noqa: E731
    before = loss(0).item()
    last = pretraining.fit(network, loss, ClassifierConfig(updates=100, lr=0.02), "tiny")
    assert loss(0).item() < 0.1 * before and last < 0.1 * before
    assert not network.training


def test_fit_asks_for_every_step_once():
    network, steps = nn.Linear(1, 1), []

    def loss(step):
        assert network.training
        steps.append(step)
        return network.weight.sum() ** 2

    network.eval()
    pretraining.fit(network, loss, ClassifierConfig(updates=7), "tiny")
    assert steps == list(range(7))


def test_attribute_loss_is_the_cross_entropy_of_the_labels(sampler):
    assert attribute_loss(lambda image: torch.zeros(8, 10), sampler)(0).item() == pytest.approx(math.log(2))
    logits, labels = torch.randn(8, 10), sampler(3).source.double()
    p = torch.sigmoid(logits.double())
    expected = -(labels * p.log() + (1 - labels) * (1 - p).log()).mean().item()
    assert attribute_loss(lambda image: logits, sampler)(3).item() == pytest.approx(expected, rel=1e-5)


def test_infonce_of_aligned_orthogonal_features(sampler):
    """Every image at a right angle to all others, its views in one place: log(1 + (n - 1) e^(-1/T))."""
    value = identity_loss(lambda image: 3 * torch.eye(8), sampler, seed=0)(0).item()
    assert value == pytest.approx(math.log(1 + 7 * math.exp(-1 / TEMPERATURE)), rel=1e-5)


def test_infonce_of_collapsed_features(sampler):
    assert identity_loss(lambda image: torch.ones(8, 4), sampler, seed=0)(0).item() == pytest.approx(math.log(8))


def test_infonce_averages_both_directions(sampler):
    one, two = torch.randn(2, 8, 3, generator=generator(0), dtype=torch.float64)
    views = iter((one, two))
    value = identity_loss(lambda image: next(views), sampler, seed=0)(0).item()
    a, b = (points / points.norm(dim=1, keepdim=True) for points in (one, two))
    similar = torch.exp(a @ b.T / TEMPERATURE)
    expected = -sum((similar.diagonal() / similar.sum(dim)).log().mean() for dim in (0, 1)) / 2
    assert value == pytest.approx(expected.item())


def test_infonce_sees_two_views_drawn_from_seed_and_step(image):
    views = []
    same_images = lambda step: SimpleNamespace(image=image)  # noqa: E731
    for seed, step in ((0, 1), (0, 1), (1, 1), (0, 2)):
        identity_loss(lambda image: views.append(image) or image.flatten(1), same_images, seed)(step)
    assert torch.equal(views[0], views[2]) and torch.equal(views[1], views[3])
    for k in (1, 4, 6):
        assert not torch.equal(views[0], views[k])


def test_augment_keeps_the_shape_and_is_deterministic(image):
    one, two, other = (augment(image, generator(seed)) for seed in (5, 5, 6))
    assert one.shape == image.shape and one.dtype == image.dtype and one.isfinite().all()
    assert torch.equal(one, two) and not torch.equal(one, other)


def test_augment_changes_brightness_and_colour_of_every_image_differently():
    views = augment(torch.ones(16, 3, 8, 8) * 0.5, generator(0))
    flat = views.flatten(2)
    torch.testing.assert_close(flat.amin(-1), flat.amax(-1), msg="a plain image stays plain")
    assert flat.amin() >= 0.35 - 0.3 - 1e-6 and flat.amax() <= 0.65 + 0.3 + 1e-6
    assert len(flat[:, 0, 0].unique()) == 16


def test_views_are_nearer_to_their_image_than_to_others(image):
    small = F.avg_pool2d(augment(image, generator(0)), 8).flatten(1)
    grey = F.avg_pool2d(image, 8).flatten(1)
    own = F.cosine_similarity(small, grey).mean()
    assert own > F.cosine_similarity(small, grey.roll(1, dims=0)).mean()


@pytest.mark.parametrize("job", PRETRAININGS)
def test_a_stopped_pretraining_resumes_bit_for_bit(job, split, portraits, tmp_path, monkeypatch, capsys):
    train, steps, drawn = PRETRAININGS[job], [], Sampler.__call__
    expected = train(split, portraits, Resumption())["state"]

    def draw(sampler, step):
        steps.append(step)
        if steps == [0, 1, 2]:
            os.kill(os.getpid(), signal.SIGTERM)
        return drawn(sampler, step)

    monkeypatch.setattr(Sampler, "__call__", draw)
    resumption = Resumption(tmp_path / "state", tmp_path / "attempts")
    with pytest.raises(SystemExit) as stopped:
        train(split, portraits, resumption)
    assert stopped.value.code == 75 and "stopped at step 3/6" in capsys.readouterr().out
    state = train(split, portraits, resumption)["state"]
    assert steps == [0, 1, 2, 3, 4, 5] and "resuming at step 3/6" in capsys.readouterr().err
    assert all(torch.equal(state[name], value) for name, value in expected.items())
    assert len(list((tmp_path / "attempts").glob("*.log"))) == 2
