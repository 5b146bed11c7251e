"""The attribute classifier beside a model: which attributes a photo has, and whether it is like the training images."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import torch
from torch import Tensor

from insm.data.images import batches, to_tensor
from insm.networks import model_file
from insm.networks.embedding import EmbeddingConfig, small_vgg
from insm.networks.model_file import ModelInfo, PredictorInfo
from insm.networks.vgg import SmallVGG
from insm.support import torch_files
from insm.support.errors import UserError, located
from insm.support.schema import parse

if TYPE_CHECKING:  # elsewhere imported where it is needed: torchvision is slow to import
    from insm.networks.classifier import Classifier

FILE = "classifier.safetensors"
BATCH = 64
RIDGE = 1e-3  # of the mean variance, added to each: features that hardly vary must not decide alone


Network: TypeAlias = "Classifier | SmallVGG"


class Statistics(NamedTuple):
    """Of the features of a model's training images."""

    mean: Tensor  # [F]
    precision: Tensor  # [F, F], the inverse of their covariance

    def distance(self, features: np.ndarray) -> np.ndarray:
        """Features [N, F] -> Mahalanobis distances [N] to the training images."""
        offset = features - self.mean.numpy().astype(np.float64)
        return np.sqrt(np.einsum("nf,fg,ng->n", offset, self.precision.numpy().astype(np.float64), offset).clip(0))


def statistics_of(features: np.ndarray) -> Statistics:
    """Features [N, F] of the training images -> their statistics."""
    covariance = np.cov(features, rowvar=False)
    covariance += RIDGE * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
    return Statistics(
        torch.from_numpy(features.mean(axis=0)).float(), torch.from_numpy(np.linalg.inv(covariance)).float()
    )


class Predictor:
    """A classifier that is ready.

    Args:
        network: images [B, 3, S, S] in [-1, 1] -> logits [B, A]; its `features` gives [B, F].
        statistics: of the training images; None: unknown.
        limit: the distance beyond which an image is unlike them.
    """

    def __init__(self, network: Network, statistics: Statistics | None = None, limit: float | None = None):
        self.network, self.statistics, self.limit = network.eval(), statistics, limit

    @torch.inference_mode()
    def __call__(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Images uint8 [N, S, S, 3] -> probabilities [N, A] that each attribute is 1, and features [N, F], float64."""
        device = next(self.network.parameters()).device
        probabilities, features = [], []
        for (rows,) in batches(images, size=BATCH):
            batch = to_tensor(rows, device)
            probabilities.append(self.network(batch).sigmoid().double().cpu().numpy())
            features.append(self.network.features(batch).double().cpu().numpy())
        return np.concatenate(probabilities), np.concatenate(features)

    def unlike(self, features: np.ndarray) -> np.ndarray:
        """Features [N, F] -> bool [N]: farther from the training images than 99 % of them; all False if unknown."""
        if self.statistics is None or self.limit is None:
            return np.zeros(len(features), dtype=bool)
        return self.statistics.distance(features) > self.limit


def load_trained(path: Path, n_attr: int, size: int) -> tuple[Network, EmbeddingConfig | None]:
    """A classifier that a study trained: `insm job classifier`'s, or a small VGG with objective `attributes`.

    Raises:
        UserError: it is neither, or of other attributes.
    """
    content = torch_files.load(path, "n_attr", "state")
    if content["n_attr"] != n_attr:
        raise UserError(f"{path} knows {content['n_attr']} attributes, the model {n_attr}: name its task's classifier")
    if "config" not in content:
        from insm.networks.classifier import load as load_resnet

        return load_resnet(path, torch.device("cpu")), None
    config: EmbeddingConfig = parse(EmbeddingConfig, content["config"], path)
    if config.objective != "attributes" or content["size"] != size:
        raise UserError(f"{path} does not classify attributes at {size} px: name a classifier")
    network = small_vgg(config, n_attr, size)
    network.load_state_dict(content["state"])
    return network.eval(), config


def save(
    predictor: Predictor, folder: Path, config: EmbeddingConfig | None, accuracy: dict[str, float]
) -> PredictorInfo:
    """Write a classifier beside a model -> what `model.json` tells of it."""
    tensors = {f"network.{name}": value for name, value in predictor.network.state_dict().items()}
    if predictor.statistics is not None:
        tensors |= {f"statistics.{name}": value for name, value in predictor.statistics._asdict().items()}
    sha256 = model_file.save_tensors(tensors, folder / FILE)
    return PredictorInfo(sha256=sha256, config=config, accuracy=accuracy, distance_99=predictor.limit)


def network_of(config: EmbeddingConfig | None, n_attr: int, size: int) -> Network:
    """An untrained classifier: a small VGG of these settings, or the evaluation's ResNet-18."""
    if config:
        return small_vgg(config, n_attr, size)
    from insm.networks.classifier import Classifier

    return Classifier(n_attr)


def load(folder: Path, info: ModelInfo, device: torch.device) -> Predictor | None:
    """Open the classifier beside an exported model; None if it has none.

    Raises:
        UserError: the file is missing, damaged, or does not fit `model.json`.
    """
    if info.predictor is None:
        return None
    config, n_attr = info.predictor.config, len(info.attributes)
    tensors = model_file.read_tensors(folder / FILE, info.predictor.sha256, folder / model_file.INFO)
    with located(str(folder / model_file.INFO)):
        network = model_file.within_limits("predictor.config", lambda: network_of(config, n_attr, info.size))
    statistics = model_file.part_of(tensors, "statistics")
    try:
        network.load_state_dict(model_file.part_of(tensors, "network"))
        known = Statistics(**statistics) if statistics else None
    except (RuntimeError, TypeError):
        raise UserError(f"{folder / FILE} does not fit {folder / model_file.INFO}: export the model again") from None
    return Predictor(network.to(device), known, info.predictor.distance_99)
