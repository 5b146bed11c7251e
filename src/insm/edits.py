"""Which edits are asked for: single attributes and whole labels for the evaluation, several attributes at once for
Figures 1 and 5 (docs/paper-map.md, "How edits are judged")."""

from collections.abc import Mapping

import numpy as np

from insm.datasets.base import Dataset
from insm.errors import UserError

SEED = 2020  # of every draw, fixed before any method was trained
LABELS = 10  # other people's labels that every test picture is given
TRIES = 1_000  # draws of a combination before giving up: faces with a rare label refuse most of them


def with_values(bits: np.ndarray, dataset: Dataset, values: Mapping[str, int | np.ndarray]) -> np.ndarray:
    """Labels uint8 [N, A] -> the same with the named bits set to a value, or to N values [N].

    Switching on a bit of an exclusive group (a hair colour) clears the group's others; switching off leaves none.
    """
    target = bits.copy()
    for name, value in values.items():
        k = dataset.attributes.index(name)
        target[:, k] = value
        for group in dataset.exclusive:
            if name in group:
                others = [dataset.attributes.index(other) for other in group if other != name]
                target[np.ix_((target[:, k] == 1) & (bits[:, k] == 0), others)] = 0
    return target


def toggled(bits: np.ndarray, dataset: Dataset) -> np.ndarray:
    """Labels uint8 [N, A] -> targets [A, N, A]: bit k inverted in targets[k], as `with_values` does it."""
    return np.stack([with_values(bits, dataset, {name: 1 - bits[:, k]}) for k, name in enumerate(dataset.attributes)])


def permuted(bits: np.ndarray) -> np.ndarray:
    """Labels uint8 [N, A] -> targets [P, N, A]: the labels themselves in P random orders (RelGAN's protocol).

    None, P = 0, for a single bit: half of them would ask for what is there, the others for what `toggled` asks for.
    """
    rng = np.random.default_rng(SEED)
    rounds = LABELS if bits.shape[1] > 1 else 0
    return np.array([rng.permutation(bits) for _ in range(rounds)], dtype=bits.dtype).reshape(rounds, *bits.shape)


def possible(labels: np.ndarray, seen: np.ndarray, share: float = 1e-3) -> np.ndarray:
    """Which labels [N, A] are possible, bool [N]: any two of their values occur together in the labels `seen` [M, A].

    At least a `share` of `seen` must show both: photographs come with a few wrong labels. So nobody is asked for a
    bearded woman or two hair colours, though no rule names them, while rare but possible triples stay allowed.
    """
    shown, asked = (np.hstack([table, 1 - table]).astype(np.float64) for table in (seen, labels))
    never = shown.T @ shown < share * len(seen)
    return np.einsum("ni,ij,nj->n", asked, never, asked) == 0


def changed(bits: np.ndarray, dataset: Dataset, values: Mapping[str, int], seen: np.ndarray) -> np.ndarray:
    """For which labels [N, A] every one of the values is a change and the outcome is `possible`, bool [N]."""
    columns = [dataset.attributes.index(name) for name in values]
    return (bits[:, columns] != list(values.values())).all(axis=1) & possible(with_values(bits, dataset, values), seen)


def several(
    label: np.ndarray, dataset: Dataset, count: int, seen: np.ndarray, rng: np.random.Generator
) -> dict[str, int]:
    """Draw `count` bits of one label [A] to be toggled at once -> their new values by name.

    All sets of that size are equally likely, but for those with two bits of an exclusive group (black and brown hair
    are one wish) and those whose outcome is not `possible`.

    Raises:
        UserError: there is no such set.
    """
    for _ in range(TRIES):
        chosen = sorted(rng.choice(len(label), count, replace=False))
        values = {dataset.attributes[k]: int(1 - label[k]) for k in chosen}
        repeated = any(len(values.keys() & set(group)) > 1 for group in dataset.exclusive)
        if not repeated and changed(label[None], dataset, values, seen).all():
            return values
    raise UserError(f"{dataset.name} has no possible edit of {count} attributes at once: ask for fewer")
