"""The networks that look at images for the evaluation; no method trains with any of them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import nn

from insm.data.images import Rows, batches, to_tensor
from insm.evaluation.extractor import Features, batched, names_of
from insm.evaluation.metrics.perceptual import Perceptual
from insm.networks.classifier import Classifier

BATCH = 256  # images that are classified together
CHUNK = 1024  # images whose pixels are in memory at once; a multiple of every network's batch


@torch.inference_mode()
def classify(classifier: Classifier, images: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 [N, S, S, 3] -> float32 logits [N, A] and penultimate features [N, 512]."""
    device = next(classifier.parameters()).device
    # On a CPU a ResNet takes two thirds of the time in this layout. Torch has no type for the call.
    classifier.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    logits, features = [], []
    for (batch,) in batches(images, size=BATCH):
        scores, points = classifier.classify(to_tensor(batch, device).contiguous(memory_format=torch.channels_last))
        logits.append(scores.cpu().numpy())
        features.append(points.cpu().numpy())
    return np.concatenate(logits), np.concatenate(features)


@dataclass(frozen=True)
class EvaluationNetworks:
    """The networks of one task."""

    classifier: Classifier
    """Classifies attributes."""
    features: Features | None = None
    """Those that distances between sets are of; the classifier's if not given."""
    identity_encoder: nn.Module | None = None
    """Images [B, 3, S, S] -> points [B, D] that tell identities apart; None: no identity distance."""
    perceptual: Perceptual | None = None
    """LPIPS; None: none."""

    @cached_property
    def names(self) -> dict[str, str]:
        """What distances between sets are called, by their kind."""
        return self.features.names if self.features else names_of("classifier")

    def __call__(self, images: Rows) -> tuple[np.ndarray, np.ndarray]:
        """Images uint8 [N, S, S, 3] -> logits [N, A] and the features [N, D] for distances between sets."""
        logits, features = classify(self.classifier, images)
        if self.features:
            features = np.concatenate([self.features.extract(chunk) for (chunk,) in batches(images, size=CHUNK)])
        return logits, features

    def identify(self, images: Rows) -> np.ndarray:
        """Images uint8 [N, S, S, 3] -> the identity encoder's points float32 [N, D]."""
        assert self.identity_encoder is not None
        encoder = self.identity_encoder
        device = next(encoder.parameters()).device
        return batched(images, lambda batch: encoder(to_tensor(batch, device)))
