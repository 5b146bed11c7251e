"""A small model with a small classifier, both with random weights."""

import pytest
import torch

from insm.editing import predictor as predictors
from insm.editing.predictor import Predictor, statistics_of
from insm.networks.embedding import EmbeddingConfig, small_vgg
from insm.networks.method import METHODS, method_config
from insm.networks.model_file import ModelInfo, save, weights_of

SETTINGS = {"method": "attgan", "generator": {"width": 8}, "discriminator": {"width": 4, "features": 8}}
SMALL = EmbeddingConfig(objective="attributes", widths=(4, 8), features=8)


def method_of(settings=SETTINGS, n_attr=10, size=32):
    torch.manual_seed(0)
    config = method_config(settings, "method")
    return METHODS.load(config.method).Method(config, n_attr, size).eval()


def classifier_of(n_attr=10, size=32):
    torch.manual_seed(1)
    return small_vgg(SMALL, n_attr, size).eval()


def info_of(portraits, settings=SETTINGS, **changes):
    return ModelInfo(
        **{
            "study": "s", "dataset": "portraits", "attributes": portraits.attributes, "exclusive": portraits.exclusive,
            "size": 32, "run": {"task": "portraits", "variant": "attgan", "seed": 0, "method": settings},
        } | changes
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path, portraits, split):
    """An exported model that works at 32 px."""
    network, path = classifier_of(), tmp_path / "model"
    statistics = statistics_of(Predictor(network)(split.images)[1])
    told = predictors.save(Predictor(network, statistics, 100.0), path, SMALL, dict.fromkeys(portraits.attributes, 0.5))
    save(weights_of(method_of(), ("generator",)), info_of(portraits, predictor=told), path / "model.safetensors")
    return path
