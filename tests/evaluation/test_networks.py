"""Classifying images: the same logits and features whatever the batching."""

import numpy as np
import pytest
import torch

from insm.data.images import to_tensor
from insm.evaluation import networks
from insm.evaluation.networks import classify
from insm.networks.classifier import Classifier


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return Classifier(10).eval()


def test_classifying_gives_the_logits(network, split):
    classified, features = classify(network, split.images)
    assert classified.shape == (24, 10) and classified.dtype == np.float32
    assert features.shape == (24, 512) and features.dtype == np.float32
    with torch.inference_mode():
        image = to_tensor(split.images)
        logits = network(image).numpy()
        head = network.resnet.fc
        np.testing.assert_allclose(head(network.features(image)).numpy(), logits, atol=1e-5)
    np.testing.assert_allclose(classified, logits, atol=1e-5)
    assert 0 < (classified > 0).mean() < 1


def test_batching_changes_nothing(network, split, monkeypatch):
    logits, features = classify(network, split.images)
    monkeypatch.setattr(networks, "BATCH", 7)
    few_logits, few = classify(network, split.images)
    np.testing.assert_allclose(few, features, atol=1e-5)
    np.testing.assert_allclose(few_logits, logits, atol=1e-5)
