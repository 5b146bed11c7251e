"""`insm job ground-truth`: the exact counterfactuals of a task's images."""

from pathlib import Path
from typing import Annotated

import numpy as np

from insm.commands.arguments import option
from insm.data.dataset import load_dataset
from insm.data.edits import LABELS
from insm.data.prepared_split import load_split
from insm.evaluation.translations import Images, true_images
from insm.support.files import atomic, save_array


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
    known = true_images(load_split(test), load_dataset(dataset), labels)
    for path, images in zip((output, permuted), known, strict=True):
        if images is None or 0 in images.shape:
            save_array(None if images is None else np.empty(images.shape, np.uint8), path)
        else:
            save(images, path)


def save(images: Images, path: Path) -> None:
    """Write a .npy file atomically, one part after the other: memory holds one of them."""
    with atomic(path) as part:
        array = np.lib.format.open_memmap(part, "w+", np.uint8, images.shape)
        for place, made in enumerate(images.parts):
            array[place] = made
        array.flush()
