"""Prepared splits: what is saved is what is loaded, and a damaged file is told in one line."""

import re
import time
import tracemalloc
from hashlib import sha256
from importlib.metadata import version

import numpy as np
import pandas as pd
import pytest

from insm.data.lazy_split import LazySplit
from insm.data.preparation import drop_rows, make_all, save_split
from insm.data.prepared_split import PreparedSplit, load_split
from insm.data.split_lists import read_list
from insm.data.unreadable import unreadable_error
from insm.datasets.photos.photo_split import photo_split
from insm.support.errors import UserError
from insm.support.files import load_array
from tests import ROOT


@pytest.fixture
def saved(split, tmp_path):
    """The paths of a saved prepared split: images, table."""
    images, table = tmp_path / "train.npy", tmp_path / "train.parquet"
    save_split(split, images, table)
    return images, table


def test_round_trip(split, saved, portraits):
    loaded = load_split(saved[0])
    assert isinstance(loaded.images, np.memmap), "images stay on disk"
    assert (loaded.images == split.images).all() and loaded.table.equals(split.table)
    assert len(loaded) == 24 and loaded.size == 32
    assert (loaded.labels(portraits.attributes) == split.labels(portraits.attributes)).all()


def test_equal_splits_give_equal_bytes(split, saved, tmp_path):
    save_split(split, tmp_path / "b.npy", tmp_path / "b.parquet")
    for path, other in zip(saved, ("b.npy", "b.parquet"), strict=True):
        assert path.read_bytes() == (tmp_path / other).read_bytes()


def test_labels_come_in_the_given_order(split):
    names = ["Smiling", "Male"]
    labels = split.labels(names)
    assert labels.dtype == np.uint8 and labels.shape == (24, 2)
    assert (labels[:, 0] == split.table.Smiling).all() and (labels[:, 1] == split.table.Male).all()


@pytest.mark.parametrize("which", [0, 1])
def test_a_missing_file_is_named(saved, complains, which):
    saved[which].unlink()
    with complains(saved[which], "missing", "snakemake"):
        load_split(saved[0])


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("kept", [0, 3, 100, 2000])
def test_a_truncated_file_is_named(saved, complains, which, kept):
    saved[which].write_bytes(saved[which].read_bytes()[:kept])
    with complains(saved[which], "make it again"):
        load_split(saved[0])


@pytest.mark.parametrize(
    ("images", "word"),
    [
        (np.zeros((24, 32, 32, 3), np.float32), "float32"),
        (np.zeros((24, 32, 32), np.uint8), "[24, 32, 32]"),
        (np.zeros((24, 3, 32, 32), np.uint8), "[24, 3, 32, 32]"),
        (np.zeros((23, 32, 32, 3), np.uint8), "23 images but 24 table rows"),
    ],
)
def test_images_of_another_kind_are_refused(saved, complains, images, word):
    np.save(saved[0], images)
    with complains(saved[0], word):
        load_split(saved[0])


def test_pickled_objects_are_refused(saved, complains):
    np.save(saved[0], np.array([{"a": 1}] * 24), allow_pickle=True)
    with complains(saved[0]):
        load_split(saved[0])


def test_a_missing_attribute_is_named(split, complains):
    with complains("lacks attribute Beard", "snakemake"):
        split.labels(["Smiling", "Beard"])


@pytest.mark.parametrize("value", [2, -1, 0.5, np.nan])
def test_attributes_are_labels(complains, value):
    with complains("0 or 1"):
        PreparedSplit(np.zeros((2, 4, 4, 3), np.uint8), pd.DataFrame({"A": [0, value]})).labels(["A"])


def test_load_array_opens_empty_and_small_arrays(tmp_path):
    for array in (np.empty(0, np.uint8), np.arange(6, dtype=np.uint8).reshape(2, 3)):
        np.save(tmp_path / "a.npy", array)
        loaded = load_array(tmp_path / "a.npy")
        assert loaded.shape == array.shape and (loaded == array).all()


DATA, PINS = ROOT / "tests/datasets/photos", ROOT / "constraints.txt"
GOLDEN = {  # of a prepared split of the two files in tests/data, with the versions pinned in constraints.txt
    "a.npy": "fcecbd9346dc970f5b5eb2ef5d4f42fae82f354c25d9cf154d1c5b7981018dc3",
    "a.parquet": "af8094b2b54501ea1922d12a22328b5b635e5fddce3d039c8f0a88e44ffe3031",
}


def test_golden_bytes(tmp_path):
    """The bytes that every machine gives: decoding, resizing and both formats."""
    pins = re.findall(r"^(pandas|pillow|pyarrow)==([\d.]+)", PINS.read_text(), re.MULTILINE)
    if other := [name for name, pin in pins if version(name) != pin]:
        pytest.skip(f"other versions than the pinned ones: {', '.join(other)}")
    table = pd.DataFrame({"Any": np.array([0, 1], np.uint8), "file": ["golden.jpg", "golden.png"]})
    split = photo_split([DATA / name for name in table["file"]], table, 16)
    save_split(split, tmp_path / "a.npy", tmp_path / "a.parquet")
    assert {name: sha256((tmp_path / name).read_bytes()).hexdigest() for name in GOLDEN} == GOLDEN


def lazy(n: int, unreadable: tuple[int, ...] = (), chunk: int = 4, **columns) -> LazySplit:
    """N images of 8 px, image k of grey value k; some rows are unreadable."""

    def make(rows: slice) -> list:
        numbers = range(n)[rows]
        grey = lambda k: np.full((8, 8, 3), k % 256, dtype=np.uint8)  # noqa: E731
        return [UserError(f"image {k} is unreadable") if k in unreadable else grey(k) for k in numbers]

    return LazySplit(pd.DataFrame({"k": np.arange(n), **columns}), 8, make, chunk)


def bytes_of(split: LazySplit | PreparedSplit, folder, **options) -> tuple[bytes, bytes]:
    images, table = folder / "a.npy", folder / "a.parquet"
    save_split(split, images, table, **options)
    return images.read_bytes(), table.read_bytes()


@pytest.mark.parametrize("chunk", [1, 3, 64])
@pytest.mark.parametrize("workers", [1, 2, 5])
def test_bytes_do_not_depend_on_workers_and_chunks(tmp_path, workers, chunk):
    split = lazy(50, chunk=chunk)
    whole = bytes_of(split.in_memory(), tmp_path)
    assert bytes_of(split, tmp_path, workers=workers) == whole
    np.save(tmp_path / "b.npy", split.in_memory().images)
    assert whole[0] == (tmp_path / "b.npy").read_bytes(), "the file that NumPy writes"


@pytest.mark.parametrize("workers", [1, 3])
def test_rows_may_be_made_in_any_order(tmp_path, workers):
    order = np.random.default_rng(0).permutation(50)
    make = lambda places: [np.full((8, 8, 3), k, np.uint8) if k % 9 else UserError(f"{k}") for k in order[places]]  # noqa: E731
    split = LazySplit(pd.DataFrame({"k": np.arange(50)}), 8, make, 4, order)
    assert list(make_all(split, lambda row, image: None, workers)) == [0, 9, 18, 27, 36, 45], "by row"
    save_split(split, tmp_path / "a.npy", tmp_path / "a.parquet", workers, skip_unreadable=True)
    split = load_split(tmp_path / "a.npy")
    assert (split.images == split.table["k"].to_numpy()[:, None, None, None]).all() and len(split) == 44


def test_a_split_is_written_without_holding_it(tmp_path):
    n = 100_000  # 19 MB
    split = LazySplit(
        pd.DataFrame({"k": np.zeros(n, np.uint8)}), 8, lambda rows: np.zeros((len(range(n)[rows]), 8, 8, 3)), 64
    )
    tracemalloc.start()
    save_split(split, tmp_path / "a.npy", tmp_path / "a.parquet")
    assert tracemalloc.get_traced_memory()[1] < 6e6
    tracemalloc.stop()


@pytest.mark.parametrize("skip", [False, True])
def test_all_unreadable_images_are_named_and_nothing_else_is_left(tmp_path, complains, capsys, skip):
    images, listing = tmp_path / "a.npy", tmp_path / "a.unreadable.txt"
    for unreadable, words in (
        ((3,), ["image 3 is unreadable: put the raw files there again"]),
        ((3, 7), ["2 images are unreadable: image 3 is unreadable; image 7 is unreadable: put"]),
        (
            tuple(range(0, 24, 2)),
            ["12 images", f"18 is unreadable and 2 more, all in {listing}: put", "data.skip_unreadable"],
        ),
    ):
        if skip:
            save_split(lazy(30, unreadable), images, tmp_path / "a.parquet", skip_unreadable=True)
            assert f"rows: {words[0].partition(': put')[0]}" in capsys.readouterr().err
        else:
            with complains(*words):
                save_split(lazy(30, unreadable), images, tmp_path / "a.parquet")
            assert list(tmp_path.iterdir()) == [listing]
        assert read_list(images, "unreadable") == [f"image {k} is unreadable" for k in unreadable]
    save_split(lazy(30), images, tmp_path / "a.parquet")
    assert read_list(images, "unreadable") == [] and not listing.exists(), "nothing is unreadable any more"


@pytest.mark.parametrize("unreadable", [(0,), (29,), (3, 4, 17), tuple(range(29))])
def test_unreadable_rows_can_be_left_out(tmp_path, capsys, unreadable):
    made = bytes_of(lazy(30, unreadable), tmp_path, workers=2, skip_unreadable=True)
    assert f"left out {len(unreadable)} rows: " in capsys.readouterr().err
    good = [k for k in range(30) if k not in unreadable]
    split = load_split(tmp_path / "a.npy")
    assert split.table["k"].tolist() == good and (split.images == np.reshape(good, (-1, 1, 1, 1))).all()
    assert made == bytes_of(PreparedSplit(np.array(split.images), split.table), tmp_path), (
        "as if they had never been there"
    )


def test_no_image_left_is_an_error(tmp_path, complains):
    with complains("3 images are unreadable"):
        save_split(lazy(3, (0, 1, 2)), tmp_path / "a.npy", tmp_path / "a.parquet", skip_unreadable=True)
    assert list(tmp_path.iterdir()) == [tmp_path / "a.unreadable.txt"]


def test_pairs_leave_together():
    table = pd.DataFrame({"k": np.arange(6), "pair": np.array([1, 0, 3, 2, 5, 4], dtype=np.int32)})
    kept = drop_rows(table, [2])
    assert kept["k"].tolist() == [0, 1, 4, 5] and kept["pair"].tolist() == [1, 0, 3, 2]
    assert kept["pair"].dtype == np.int32


def test_halves_of_one_file_count_once():
    assert str(unreadable_error([UserError("a is unreadable")] * 2, "mend it")) == "a is unreadable: mend it"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_interruption_stops_soon_and_leaves_nothing(tmp_path, error):
    made = []

    def make(rows: slice) -> np.ndarray:
        made.append(rows.start)
        if rows.start == 8:
            raise error
        time.sleep(0.005)
        return np.zeros((4, 8, 8, 3), dtype=np.uint8)

    split = LazySplit(pd.DataFrame({"k": range(4000)}), 8, make, 4)
    with pytest.raises(error):
        save_split(split, tmp_path / "a.npy", tmp_path / "a.parquet")
    assert list(tmp_path.iterdir()) == [] and len(made) < 900
