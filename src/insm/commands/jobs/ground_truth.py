"""`insm job ground-truth`: the exact counterfactuals of a task's images."""

from pathlib import Path
from typing import Annotated

from insm.commands.arguments import option
from insm.data.dataset import load_dataset
from insm.data.edits import LABELS
from insm.data.prepared_split import load_split
from insm.evaluation.translations import ground_truth as true_translations
from insm.support.files import save_array


def ground_truth(
    dataset: str,
    test: Path,
    output: Path,
    permuted: Path,
    labels: Annotated[int, option("Full target labels per image.")] = LABELS,
) -> None:
    """Write the exact counterfactuals of the split TEST, empty files where there are none.

    OUTPUT: of all single edits, uint8 [A, N, S, S, 3]. PERMUTED: with the labels of other images [P, N, S, S, 3].
    """
    known = true_translations(load_split(test), load_dataset(dataset), labels)
    save_array(known.edits if known else None, output)
    save_array(known.permuted if known else None, permuted)
