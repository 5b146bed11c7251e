"""`insm job apply-edits`: translate images to sampled edits of several attributes at once."""

from pathlib import Path

import numpy as np

from insm.evaluation.combinations import labels_of
from insm.support.files import read_json, save_array
from insm.training.translator import Translator


def apply_edits(model: Path, test: Path, edits: Path, device: str, output: Path) -> None:
    """Translate images of the split TEST with MODEL to the target EDITS (.json): OUTPUT uint8 [K, S, S, 3] (.npy)."""
    translator = Translator.open(model, test, device)
    rows, labels, targets = labels_of(read_json(edits), translator.dataset, translator.split)
    images = translator.split.images[rows]
    save_array(np.concatenate([images[:0], *translator(images, labels, targets)]), output)
