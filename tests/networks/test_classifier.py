"""The attribute classifier: ResNet-18, the same verdict whatever the batching."""

import numpy as np
import pytest
import torch

from insm.data.images import to_tensor
from insm.networks import classifier
from insm.networks.classifier import Classifier
from insm.support import torch_files


@pytest.fixture(scope="module")
def judge():
    torch.manual_seed(0)
    return Classifier(10).eval()


def test_parameters_are_those_of_resnet_18():
    with torch.device("meta"):
        assert sum(p.numel() for p in Classifier(10).parameters()) == 11_181_642


def test_verdicts_are_the_logits(judge, split):
    verdicts, features = judge.judge(split.images)
    assert verdicts.shape == (24, 10) and verdicts.dtype == np.float32
    assert features.shape == (24, 512) and features.dtype == np.float64
    with torch.inference_mode():
        image = to_tensor(split.images)
        logits = judge(image).numpy()
        head = judge.resnet.fc
        np.testing.assert_allclose(head(judge.features(image)).numpy(), logits, atol=1e-5)
    np.testing.assert_allclose(verdicts, logits, atol=1e-5)
    assert 0 < (verdicts > 0).mean() < 1


def test_batching_changes_nothing(judge, split, monkeypatch):
    logits, features = judge.judge(split.images)
    monkeypatch.setattr(classifier, "EVALUATION_BATCH", 7)
    few_logits, few = judge.judge(split.images)
    np.testing.assert_allclose(few, features, atol=1e-5)
    np.testing.assert_allclose(few_logits, logits, atol=1e-5)


def test_a_saved_classifier_judges_alike(judge, split, tmp_path):
    torch_files.save({"n_attr": 10, "state": judge.state_dict()}, tmp_path / "classifier.pt")
    loaded = classifier.load(tmp_path / "classifier.pt", torch.device("cpu"))
    assert not loaded.training
    for ours, theirs in zip(judge.judge(split.images), loaded.judge(split.images), strict=True):
        assert (ours == theirs).all()
