"""`insm job sample-edits`: sample edits of several attributes at once, for Figures 1 and 5."""

from pathlib import Path

from insm.data.dataset import load_dataset
from insm.data.prepared_split import load_split
from insm.evaluation.combinations import labels_of, sample_target_edits
from insm.support.files import save_array, write_json


def sample_edits(dataset: str, train: Path, test: Path, output: Path, truth: Path) -> None:
    """Write to OUTPUT (.json) the target edits of images of TEST; labels of TRAIN tell which outcomes are possible.

    TRUTH gets their exact counterfactuals, uint8 [K, S, S, 3] (.npy), empty if there are none.
    """
    kind, split = load_dataset(dataset), load_split(test)
    target_edits = sample_target_edits(kind, load_split(train), split)
    rows, _, targets = labels_of(target_edits, kind, split)
    save_array(kind.counterfactual(split.table.iloc[rows].reset_index(drop=True), targets, split.size), truth)
    write_json(output, target_edits)
