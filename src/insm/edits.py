"""Which edits the evaluation asks for: one attribute toggled at a time (docs/paper-map.md, "How edits are judged")."""

import numpy as np

from insm.datasets.base import Dataset


def toggled(bits: np.ndarray, dataset: Dataset) -> np.ndarray:
    """Labels uint8 [N, A] -> targets [A, N, A]: bit k inverted in targets[k].

    Switching on a bit of an exclusive group (a hair colour) clears the group's others; switching off leaves none.
    """
    count = bits.shape[1]
    targets = np.repeat(bits[None], count, axis=0)
    for k, name in enumerate(dataset.attributes):
        targets[k, :, k] = 1 - bits[:, k]
        for group in dataset.exclusive:
            if name in group:
                others = [dataset.attributes.index(other) for other in group if other != name]
                targets[k][np.ix_(targets[k, :, k] == 1, others)] = 0
    return targets
