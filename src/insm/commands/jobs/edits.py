"""`insm job sample-edits` and `insm job apply-edits`: edits of several attributes at once, for Figures 1 and 5."""

from pathlib import Path

import numpy as np

from insm.data.dataset import load_dataset
from insm.data.prepared_split import load_split
from insm.evaluation.combinations import labels_of, sample_target_edits
from insm.support.files import read_json, save_array, write_json
from insm.training.translator import Translator


def sample_edits(dataset: str, train: Path, test: Path, output: Path, truth: Path) -> None:
    """Write to OUTPUT (.json) the target edits of images of TEST; labels of TRAIN tell which outcomes are possible.

    TRUTH gets their exact counterfactuals, uint8 [K, S, S, 3] (.npy), empty if there are none.
    """
    kind, split = load_dataset(dataset), load_split(test)
    target_edits = sample_target_edits(kind, load_split(train), split)
    rows, _, targets = labels_of(target_edits, kind, split)
    save_array(kind.counterfactual(split.table.iloc[rows].reset_index(drop=True), targets, split.size), truth)
    write_json(output, target_edits)


def apply_edits(model: Path, test: Path, edits: Path, device: str, output: Path) -> None:
    """Translate images of the split TEST with MODEL to the target EDITS (.json); OUTPUT is uint8 [K, S, S, 3] (.npy)."""
    translator = Translator(model, test, device)
    rows, labels, targets = labels_of(read_json(edits), translator.dataset, translator.split)
    images = translator.split.images[rows]
    save_array(np.concatenate([images[:0], *translator(images, labels, targets)]), output)
