"""Which notebooks a study can have: each draws tasks of some kind, and a study without any is refused at once."""

from collections import Counter
from collections.abc import Callable, Collection
from typing import NamedTuple

from insm.data.dataset import Dataset
from insm.support.errors import UserError


class Shown(NamedTuple):
    """A task as notebooks see it."""

    dataset: Dataset
    paper_rows: bool  # whether a variant has a row in the paper's Table 3


# Notebook -> what a task must be for it to draw anything, in words and as a condition. Others draw every task.
NEEDS: dict[str, tuple[str, Callable[[Shown], bool]]] = {
    "table1": ("of faces, as in the paper's Table 1", lambda task: task.dataset.paper_table == "table1"),
    "table2": ("of two domains, as in the paper's Table 2", lambda task: "table2" in (task.dataset.paper_table or "")),
    "table3": ("with a variant that has a `paper_row`", lambda task: task.paper_rows),
    "figure1": ("whose dataset has the paper's sets of attributes", lambda task: bool(task.dataset.combinations)),
    "figure4": ("of several attributes", lambda task: len(task.dataset.attributes) > 1),
    "figure5": ("whose dataset has the paper's sets of attributes", lambda task: bool(task.dataset.combinations)),
    "figure6": ("of one attribute", lambda task: len(task.dataset.attributes) == 1),
    "verdict": ("on images of the paper's tables", lambda task: bool(task.dataset.paper_table)),
}


def check_notebooks(notebooks: Collection[str], tasks: Collection[Shown]) -> None:
    """Whether every notebook has something to draw.

    Raises:
        UserError: no task of the study is of a kind that a notebook draws.
    """
    for name in notebooks:
        words, suits = NEEDS.get(name, ("", lambda task: True))
        if not any(suits(task) for task in tasks):
            raise UserError(f"key notebooks: {name} needs a task {words}, and the study has none: leave {name} out")


def check_labels(key: str, labels: dict[str, str]) -> None:
    """Whether the variants of a task (variant -> label) can be told apart in tables and figures.

    Raises:
        UserError: two have the same label.
    """
    for label, count in Counter(labels.values()).items():
        if count > 1:
            first, second, *_ = (variant for variant in labels if labels[variant] == label)
            raise UserError(f"key {key}.methods: {first} and {second} have the same label {label!r}: give one another")
