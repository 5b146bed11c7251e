"""Target labels of edits: one attribute toggled, or the full label of another image (docs/evaluation.md)."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from insm.data.dataset import AttributeGroups

SEED = 2020  # of every draw, fixed before any method was trained
LABELS = 10  # full target labels per test image, each that of another image


class Labelled(Protocol):
    """What has attributes: a dataset, or a model that was trained on one."""

    @property
    def attributes(self) -> tuple[str, ...]: ...

    @property
    def exclusive(self) -> AttributeGroups: ...

    @property
    def exactly_one(self) -> AttributeGroups: ...


def with_values(labels: np.ndarray, dataset: Labelled, values: Mapping[str, int | np.ndarray]) -> np.ndarray:
    """Labels uint8 [N, A] -> the same with the named attributes set to a value, or to N values [N].

    Switching on an attribute of an exclusive group (a hair colour) clears the group's others; switching it off leaves
    none.
    """
    target = labels.copy()
    for name, value in values.items():
        k = dataset.attributes.index(name)
        target[:, k] = value
        for group in dataset.exclusive:
            if name in group:
                others = [dataset.attributes.index(other) for other in group if other != name]
                target[np.ix_((target[:, k] == 1) & (labels[:, k] == 0), others)] = 0
    return target


def toggled(labels: np.ndarray, dataset: Labelled) -> np.ndarray:
    """Labels uint8 [N, A] -> targets [A, N, A]: attribute k inverted in targets[k], as `with_values` does it."""
    return np.stack(
        [with_values(labels, dataset, {name: 1 - labels[:, k]}) for k, name in enumerate(dataset.attributes)]
    )


def counted(targets: np.ndarray, dataset: Labelled) -> np.ndarray:
    """Which targets [A, N, A] are labels that an image can have, bool [A, N].

    Of groups of which every image has exactly one attribute (domains), a target must have one too: switching an image's
    own domain off asks for an image without any, so such an edit is not counted.
    """
    possible = np.ones(targets.shape[:2], dtype=bool)
    for group in dataset.exactly_one:
        columns = [dataset.attributes.index(name) for name in group]
        possible &= targets[..., columns].sum(axis=2) == 1
    return possible


def permuted(labels: np.ndarray, rounds: int = LABELS) -> np.ndarray:
    """Labels uint8 [N, A] -> targets [P, N, A]: the labels in P = `rounds` random orders (RelGAN's protocol).

    None, P = 0, for a single attribute: half of them would be the image's own label, the others that of `toggled`.
    """
    rng = np.random.default_rng(SEED)
    rounds = rounds if labels.shape[1] > 1 else 0
    return np.array([rng.permutation(labels) for _ in range(rounds)], dtype=labels.dtype).reshape(rounds, *labels.shape)
