"""Edits of several attributes at once, for Figures 1 and 5."""

from collections.abc import Mapping

import numpy as np

from insm.data.dataset import Dataset
from insm.data.edits import SEED, with_values
from insm.data.prepared_split import PreparedSplit
from insm.support.errors import UserError

TRIES = 1_000  # draws of a set before giving up: most sets are impossible for faces with a rare label
IMAGES_PER_SET = 2  # test images for each set of Figure 1
SAMPLED_IMAGES = 8  # test images of Figure 5, each with a set of its own
ATTRIBUTES = 3  # attributes of a sampled set, as in Figure 1
TargetEdits = list[dict]  # each: figure, row of the test split, values by attribute


def possible(labels: np.ndarray, seen: np.ndarray, fraction: float = 1e-3) -> np.ndarray:
    """Which labels [N, A] are possible, bool [N]: any two of their values occur together in the labels `seen` [M, A].

    At least a `fraction` of `seen` must show both: photographs come with a few wrong labels. So no edit asks for a
    bearded woman or two hair colours, though no rule names them, while rare but possible triples stay allowed.
    """
    values, targets = (np.hstack([table, 1 - table]).astype(np.float64) for table in (seen, labels))
    never_together = values.T @ values < fraction * len(seen)
    return np.einsum("ni,ij,nj->n", targets, never_together, targets) == 0


def all_changed(labels: np.ndarray, dataset: Dataset, values: Mapping[str, int], seen: np.ndarray) -> np.ndarray:
    """For which labels [N, A] every one of the values is a change and the target label is `possible`, bool [N]."""
    columns = [dataset.attributes.index(name) for name in values]
    return (labels[:, columns] != list(values.values())).all(axis=1) & possible(
        with_values(labels, dataset, values), seen
    )


def sample_set(
    label: np.ndarray, dataset: Dataset, count: int, seen: np.ndarray, rng: np.random.Generator
) -> dict[str, int]:
    """Draw `count` attributes of one label [A] to be toggled at once -> their new values by name.

    All sets of that size are equally likely, but for those with two attributes of an exclusive group (setting black
    hair clears brown hair) and those whose target label is not `possible`.

    Raises:
        UserError: there is no such set.
    """
    for _ in range(TRIES):
        chosen = sorted(rng.choice(len(label), count, replace=False))
        values = {dataset.attributes[k]: int(1 - label[k]) for k in chosen}
        repeated = any(len(values.keys() & set(group)) > 1 for group in dataset.exclusive)
        if not repeated and all_changed(label[None], dataset, values, seen).all():
            return values
    raise UserError(f"{dataset.name} has no possible edit of {count} attributes at once: ask for fewer")


def sample_target_edits(dataset: Dataset, train: PreparedSplit, test: PreparedSplit) -> TargetEdits:
    """The edits of several attributes at once that Figures 1 and 5 show.

    Figure 1: the dataset's sets, each for the first test images that all of its values change and whose target label
    is possible. Figure 5: for each of the first test images a set of three attributes to be toggled, drawn with a fixed
    seed.
    """
    seen, labels = (split.labels(dataset.attributes) for split in (train, test))
    target_edits = [
        {"figure": "figure1", "row": int(row), "values": values}
        for values in dataset.combinations
        for row in np.flatnonzero(all_changed(labels, dataset, values, seen))[:IMAGES_PER_SET]
    ]
    rng = np.random.default_rng(SEED)
    return target_edits + [
        {"figure": "figure5", "row": row, "values": sample_set(label, dataset, ATTRIBUTES, seen, rng)}
        for row, label in enumerate(labels[:SAMPLED_IMAGES])
    ]


def labels_of(
    target_edits: TargetEdits, dataset: Dataset, test: PreparedSplit
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of the test split [K], their labels and their target labels, uint8 [K, A]."""
    rows = np.array([target_edit["row"] for target_edit in target_edits], dtype=int)
    labels = test.labels(dataset.attributes)[rows]
    targets = [
        with_values(labels[k : k + 1], dataset, target_edit["values"]) for k, target_edit in enumerate(target_edits)
    ]
    return rows, labels, np.concatenate([labels[:0], *targets])
