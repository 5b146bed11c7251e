"""How far an edit moves an image away from itself, seen by an embedding."""

import numpy as np


def identity_distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Cosine distance 1 - cos of features [..., N, D] and [N, D], in [0, 2] -> [..., N]; 0 in the same direction."""
    a, b = (np.asarray(x, dtype=np.float64) for x in (a, b))
    a, b = (x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-12) for x in (a, b))
    return np.clip(1 - (a * b).sum(axis=-1), 0, 2)  # rounding
