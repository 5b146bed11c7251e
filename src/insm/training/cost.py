"""What a task's jobs take: the counts of `networks.counting` for its size, batch and attributes."""

import functools
from collections.abc import Callable

from torch import nn

from insm.config.study import TaskConfig
from insm.data.batch import Batch
from insm.data.dataset import load_dataset
from insm.networks.classifier import Classifier, ClassifierConfig
from insm.networks.counting import Count, count, forward, labels_of, meta_images, shapes_only
from insm.networks.embedding import EmbeddingConfig, build, small_vgg
from insm.networks.method import METHODS, MethodConfig
from insm.training.pretraining import attribute_loss, identity_loss


def count_pretraining(config: ClassifierConfig | EmbeddingConfig, task: TaskConfig) -> Count:
    """Count the training of a task's classifier, phi or identity encoder."""
    n_attr, size = len(load_dataset(task.data.dataset).attributes), task.data.size
    identity = isinstance(config, EmbeddingConfig) and config.objective == "identity"
    with shapes_only():
        network = small_vgg(config, n_attr, size) if isinstance(config, EmbeddingConfig) else Classifier(n_attr)
    source = labels_of(config.batch, n_attr).to("meta")
    batch = Batch(meta_images(config.batch, size), source, 1 - source, None)
    sampler = lambda step: batch  # noqa: E731
    loss = identity_loss(network.features, sampler, seed=0) if identity else attribute_loss(network, sampler)
    return count(network, {"network": network}, lambda batch: [("network", loss(batch.step))], [(batch, 1.0)])


def count_translation(config: MethodConfig, task: TaskConfig) -> float:
    """Multiply-accumulates of a model for each test image and attribute, the mean over both values of an attribute."""
    n_attr, size = len(load_dataset(task.data.dataset).attributes), task.data.size
    with shapes_only():
        method = METHODS.load(config.method).Method(config, n_attr, size).eval()
    source = labels_of(2, n_attr)
    return forward(lambda: method.translate(meta_images(2, size), source, 1 - source)) / 2


def count_classification(task: TaskConfig) -> int:
    """Multiply-accumulates of the trained classifier for one image."""
    return _one_image(task, lambda n_attr, size: Classifier(n_attr))


def count_identity_encoding(task: TaskConfig) -> int:
    """Multiply-accumulates of the trained identity encoder for one image."""
    return _one_image(task, functools.partial(build, task.identity_encoder))


def _one_image(task: TaskConfig, make: Callable[[int, int], nn.Module]) -> int:
    """Multiply-accumulates of the network that `make` makes for a task's attributes and size."""
    n_attr, size = len(load_dataset(task.data.dataset).attributes), task.data.size
    with shapes_only():
        network = make(n_attr, size).eval()
    return forward(lambda: network(meta_images(1, size)))
