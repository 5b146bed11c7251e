"""Axioms of counterfactual images as distances, 0 where they hold: L1 of values in [0, 1], one number an image.

Composition, reversibility and effectiveness are those of Monteiro et al. (ICLR 2023), who take them from Pearl's
structural causal models; minimality is measured beside them by Melistas et al. (NeurIPS 2024) in a network's latent
space. Effectiveness, that the edited attribute reads as asked, is the attribute accuracy (accuracy.py).
"""

import numpy as np

from insm.evaluation.metrics.content import l1


def composition(images: np.ndarray, same: np.ndarray) -> np.ndarray:
    """No intervention changes nothing: |x - G(x, a)|, images and their translations to their own labels a -> [N]."""
    return l1(images, same)


def reversibility(images: np.ndarray, back: np.ndarray) -> np.ndarray:
    """An intervention can be undone: |x - G(G(x, b), a)|, images and their edits translated back -> [N]."""
    return l1(images, back)


def minimality(edits: np.ndarray, truth: np.ndarray, images: np.ndarray) -> np.ndarray:
    """An intervention changes no more than it must: |G(x, b) - x| where the true edit leaves the image alone -> [N].

    The mean is over the pixels in which the truth equals the image in all channels; NaN where there are none. Knowing
    the truth, we need no latent space to tell what had to change.
    """
    alone = (truth == images).all(axis=-1)  # [N, S, S]
    changes = np.abs(edits.astype(np.float64) - images).mean(axis=-1) / 255
    count = alone.sum(axis=(1, 2))
    total = np.where(alone, changes, 0).sum(axis=(1, 2))
    return np.divide(total, count, out=np.full(len(images), np.nan), where=count > 0)
