"""`insm job ground-truth` writes what is known of the truth, one edit at a time."""

import io

import numpy as np
import pytest

from insm.commands.jobs.ground_truth import ground_truth, save
from insm.data.dataset import load_dataset
from insm.data.preparation import save_split
from insm.evaluation.translations import Images
from insm.evaluation.translations import ground_truth as in_memory


def saved(array) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.empty(0, np.uint8) if array is None else array)
    return stream.getvalue()


@pytest.mark.parametrize("name", ["portraits", "vistas", "footwear"])
def test_the_files_are_those_of_all_images_at_once(name, tmp_path):
    dataset = load_dataset(name)
    split = dataset.build("test", 6, 16, 0)
    save_split(split, tmp_path / "test.npy", tmp_path / "test.parquet")
    ground_truth(name, tmp_path / "test.npy", tmp_path / "edits.npy", tmp_path / "permuted.npy")
    truth = in_memory(split, dataset)
    assert (tmp_path / "edits.npy").read_bytes() == saved(truth.edits)
    assert (tmp_path / "permuted.npy").read_bytes() == saved(truth.permuted)


def test_a_part_is_written_before_the_next_is_made(tmp_path):
    """A failure in the middle leaves no file; parts before it were not kept in memory to be joined."""
    made = []

    def parts():
        for number in range(3):
            made.append(number)
            yield np.full((2, 4, 4, 3), number, np.uint8)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        save(Images((4, 2, 4, 4, 3), parts()), tmp_path / "edits.npy")
    assert made == [0, 1, 2] and list(tmp_path.iterdir()) == []
