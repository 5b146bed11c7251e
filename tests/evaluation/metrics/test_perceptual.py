"""LPIPS: the given weights, the formula of the paper, files that do not fit."""

import numpy as np
import pytest
import torch

from insm.evaluation.metrics.perceptual import Perceptual
from insm.support.torchvision_import import torchvision

CPU = torch.device("cpu")
# Layers of AlexNet's `features` after which LPIPS compares: behind every ReLU.
ALEX = (1, 4, 7, 9, 11)


@pytest.fixture(scope="module")
def alexnet():
    torch.manual_seed(0)
    return torchvision.models.alexnet().eval()


@pytest.fixture
def weights(alexnet, tmp_path):
    torch.save(alexnet.state_dict(), tmp_path / "alexnet.pt")
    return tmp_path / "alexnet.pt"


def images(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (3, 64, 64, 3), dtype=np.uint8)


def test_it_is_the_papers_formula_with_the_given_weights(alexnet, weights):
    """Unit features, squared differences, the published weights of channels, mean over places, sum over layers."""
    metric, a, b = Perceptual(weights, CPU), images(0), images(1)
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    one, two = ((torch.from_numpy(x).permute(0, 3, 1, 2) / 255 - mean) / std for x in (a, b))
    expected, heads = 0, iter(metric.network.lins)
    with torch.inference_mode():
        for k, layer in enumerate(alexnet.features):
            one, two = layer(one), layer(two)
            if k in ALEX:
                gap = (one / one.norm(dim=1, keepdim=True) - two / two.norm(dim=1, keepdim=True)) ** 2
                expected = expected + (gap * next(heads).model[-1].weight).sum(1).mean((1, 2))
    assert metric.backbone == "alex"
    # The package scales by rounded constants: 1e-2 of a distance.
    np.testing.assert_allclose(metric(a, b), expected.numpy(), rtol=1e-2)


def test_equal_images_have_no_distance_and_order_does_not_matter(weights):
    metric, a, b = Perceptual(weights, CPU), images(0), images(1)
    assert metric(a, a) == pytest.approx(0) and (metric(a, b) > 0).all()
    np.testing.assert_allclose(metric(a, b), metric(b, a), rtol=1e-5)


def test_files_that_do_not_fit_are_named(weights, tmp_path, complains):
    with complains("none.pt is missing", "key lpips", "AlexNet or VGG-16"):
        Perceptual(tmp_path / "none.pt", CPU)
    torch.save({"features.0.weight": torch.zeros(8, 3, 3, 3)}, tmp_path / "other.pt")
    with complains("other.pt", "another network"):
        Perceptual(tmp_path / "other.pt", CPU)
    state = torch.load(weights)
    torch.save({name: value for name, value in state.items() if "features.8" not in name}, tmp_path / "cut.pt")
    with complains("cut.pt", "features.8.weight"):
        Perceptual(tmp_path / "cut.pt", CPU)
