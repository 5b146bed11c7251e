"""The attribute classifier: ResNet-18, saved and opened."""

import pytest
import torch

from insm.data.images import to_tensor
from insm.networks import classifier
from insm.networks.classifier import Classifier
from insm.support import torch_files


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return Classifier(10).eval()


def test_parameters_are_those_of_resnet_18():
    with torch.device("meta"):
        assert sum(p.numel() for p in Classifier(10).parameters()) == 11_181_642


def test_a_saved_classifier_is_the_same(network, split, tmp_path):
    torch_files.save({"n_attr": 10, "state": network.state_dict()}, tmp_path / "classifier.pt")
    loaded = classifier.load(tmp_path / "classifier.pt", torch.device("cpu"))
    assert not loaded.training
    with torch.no_grad():
        assert torch.equal(network(to_tensor(split.images)), loaded(to_tensor(split.images)))
