"""What a number is of: one attribute, a group of attributes, their mean, or one of two domains."""

import numpy as np

from insm.data.dataset import Dataset
from insm.evaluation.metrics.accuracy import group_means

Rows = list[tuple[str, str, float, int]]  # metric, scope, value, samples
COLUMNS = ["metric", "scope", "value", "samples"]


class Scopes:
    """The scopes of a dataset's numbers.

    They are the attributes, "group:<name>", "mean" over attributes and, where there is one attribute, the domains
    "<attribute>=<value>".
    """

    def __init__(self, dataset: Dataset):
        self.attributes, self.groups = dataset.attributes, dataset.groups

    def domain(self, value: int) -> str:
        """The domain of images whose only attribute has that value."""
        return f"{self.attributes[0]}={value}"

    def domains(self, labels: np.ndarray) -> dict[str, np.ndarray]:
        """Which rows of labels [N, A] belong to each domain, bool [N]; none where there are several attributes."""
        if len(self.attributes) > 1:
            return {}
        return {self.domain(value): labels[:, 0] == value for value in (1, 0)}

    def per_attribute(self, metric: str, values: np.ndarray, samples: np.ndarray | int) -> Rows:
        """Rows of one metric with a value per attribute [A] of so many samples [A]: attributes, groups, mean.

        Attributes without a sample (NaN) have no row, nor have groups of such attributes alone.
        """
        counts = np.broadcast_to(samples, len(self.attributes))
        named = {name: float(value) for name, value in zip(self.attributes, values, strict=True) if not np.isnan(value)}
        sizes = {name: int(count) for name, count in zip(self.attributes, counts, strict=True)}
        members = {group: tuple(name for name in names if name in named) for group, names in self.groups.items()}
        members = {group: names for group, names in members.items() if names}
        rows = [(metric, name, value, sizes[name]) for name, value in named.items()]
        rows += [
            (metric, f"group:{group}", value, max(sizes[name] for name in members[group]))
            for group, value in group_means(named, members).items()
        ]
        mean = (
            [(metric, "mean", float(np.mean([*named.values()])), max(sizes[name] for name in named))] if named else []
        )
        return rows + mean

    def per_domain(self, metric: str, values: np.ndarray, labels: np.ndarray) -> Rows:
        """Rows of one metric, values [N], averaged over the images whose labels [N, A] are of each domain."""
        known = {scope: values[rows & ~np.isnan(values)] for scope, rows in self.domains(labels).items()}
        return [(metric, scope, float(some.mean()), len(some)) for scope, some in known.items() if len(some)]
