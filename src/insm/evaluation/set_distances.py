"""Distances between sets of images: translations against reference sets, domain by domain."""

from typing import Any, NamedTuple

import numpy as np

from insm.evaluation.metrics.distances import Distance
from insm.evaluation.scopes import Rows, Scopes


class ImageSet(NamedTuple):
    """Images of one domain, or all together."""

    samples: int
    summaries: dict[str, Any]  # by the name of the distance


class SetDistances:
    """Distances between sets by the names that tables print, such as `frechet_classifier`.

    Args:
        distances: by name.
        scopes: tell domains apart.
    """

    def __init__(self, distances: dict[str, Distance], scopes: Scopes):
        self.distances, self.scopes = distances, scopes

    def summarise(self, features: np.ndarray, labels: np.ndarray) -> dict[str, ImageSet]:
        """Features [N, D] of images with labels [N, A] -> what distances need of each domain.

        Where there are several attributes all images are one set, "all". Sets that are too small for a distance have
        no summary for it.
        """
        sets = {}
        for scope, rows in (self.scopes.domains(labels) or {"all": np.ones(len(labels), dtype=bool)}).items():
            samples = int(rows.sum())
            known = {name: kind for name, kind in self.distances.items() if samples >= kind.least}
            if known:
                chosen = features if rows.all() else features[rows]
                sets[scope] = ImageSet(samples, {name: kind.summarise(chosen) for name, kind in known.items()})
        return sets

    def rows(self, images: dict[str, ImageSet], references: dict[str, dict[str, ImageSet]]) -> Rows:
        """Distances of every domain to every reference set, as metrics <distance>_<reference set>."""
        return [
            (f"{name}_{reference}{ending}", scope, value, images[scope].samples)
            for reference, sets in references.items()
            for name, kind in self.distances.items()
            for scope in images
            if scope in sets and name in images[scope].summaries and name in sets[scope].summaries
            for ending, value in kind.compare(images[scope].summaries[name], sets[scope].summaries[name]).items()
        ]
