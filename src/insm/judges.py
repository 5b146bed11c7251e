"""The networks that look at pictures for the evaluation; no method trains with any of them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from torch import nn

from insm.classifier import Classifier
from insm.extractors.base import Features, batched, names_of
from insm.metrics.perceptual import Perceptual
from insm.sampler import to_tensor


@dataclass(frozen=True)
class Judges:
    """Who judges a task's pictures."""

    classifier: Classifier
    """Tells attribute bits."""
    features: Features | None = None
    """Those that distances between sets are of; the classifier's if not given."""
    recogniser: nn.Module | None = None
    """Pictures [B, 3, S, S] -> points [B, D] that tell identities apart; None: no identity distance."""
    perceptual: Perceptual | None = None
    """LPIPS; None: none."""

    @cached_property
    def names(self) -> dict[str, str]:
        """What distances between sets are called, by their kind."""
        return self.features.names if self.features else names_of("classifier")

    def __call__(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pictures uint8 [N, S, S, 3] -> logits [N, A] and the features [N, D] for distances between sets."""
        logits, features = self.classifier.judge(images)
        return logits, self.features.extract(images) if self.features else features

    def recognise(self, images: np.ndarray) -> np.ndarray:
        """Pictures uint8 [N, S, S, 3] -> the recogniser's points float64 [N, D]."""
        device = next(self.recogniser.parameters()).device
        return batched(images, lambda batch: self.recogniser(to_tensor(batch, device)))
