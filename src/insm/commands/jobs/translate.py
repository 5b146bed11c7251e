"""`insm job translate`: the test images with every attribute toggled, and with the labels of others."""

from pathlib import Path

from insm.data.edits import permuted as permuted_targets
from insm.data.edits import toggled
from insm.support.files import save_array
from insm.support.progress import Progress
from insm.training.translator import Translator


def translate(model: Path, test: Path, device: str, output: Path, permuted: Path) -> None:
    """Translate the images of the split TEST with MODEL.

    OUTPUT: every attribute of every image toggled, uint8 [A, N, S, S, 3] (.npy). PERMUTED: every image with the labels
    of other images, uint8 [P, N, S, S, 3] (.npy), empty in tasks of a single attribute.
    """
    translator = Translator(model, test, device)
    targets = {
        output: toggled(translator.labels, translator.dataset),
        permuted: permuted_targets(translator.labels),
    }
    total = len(translator.labels) * sum(map(len, targets.values()))
    progress, done = Progress(f"translating with {translator.variant}", total), 0
    for path, labels in targets.items():
        save_array(translator.to_targets(labels, progress, done), path)
        done += len(translator.labels) * len(labels)
