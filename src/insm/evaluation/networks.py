"""The networks that look at images for the evaluation; no method trains with any of them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from torch import nn

from insm.data.images import to_tensor
from insm.evaluation.extractor import Features, batched, names_of
from insm.evaluation.metrics.perceptual import Perceptual
from insm.networks.classifier import Classifier


@dataclass(frozen=True)
class EvaluationNetworks:
    """Who judges a task's images."""

    classifier: Classifier
    """Tells attributes."""
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

    def __call__(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Images uint8 [N, S, S, 3] -> logits [N, A] and the features [N, D] for distances between sets."""
        logits, features = self.classifier.judge(images)
        return logits, self.features.extract(images) if self.features else features

    def recognise(self, images: np.ndarray) -> np.ndarray:
        """Images uint8 [N, S, S, 3] -> the identity_encoder's points float64 [N, D]."""
        device = next(self.identity_encoder.parameters()).device
        return batched(images, lambda batch: self.identity_encoder(to_tensor(batch, device)))
