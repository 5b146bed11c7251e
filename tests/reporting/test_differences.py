"""By how much two files differ, for every kind of result."""

import json

import numpy as np
import pandas as pd
import pytest
import safetensors.torch
import torch
from PIL import Image

from insm.reporting.differences import READERS, difference

WRITERS = {
    ".csv": lambda value, path: pd.DataFrame({"name": ["a", "b"], "x": [2.0, value]}).to_csv(path, index=False),
    ".parquet": lambda value, path: pd.DataFrame({"name": ["a", "b"], "x": [2.0, value]}).to_parquet(path),
    ".npy": lambda value, path: np.save(path, np.array([2.0, value])),
    ".safetensors": lambda value, path: safetensors.torch.save_file({"w": torch.tensor([2.0, value])}, path),
    ".pt": lambda value, path: torch.save({"w": torch.tensor([2.0, value]), "n": torch.tensor(3)}, path),
    ".json": lambda value, path: path.write_text(
        json.dumps({"a": ["x", {"b": 2.0, "c": value}], "sha256": str(value)})
    ),
    ".png": lambda value, path: Image.fromarray(np.array([[200, int(value * 100)]], np.uint8)).save(path),
}


def test_every_kind_is_tried():
    assert WRITERS.keys() == READERS.keys()


@pytest.mark.parametrize("kind", WRITERS)
def test_the_largest_difference_is_found(kind, tmp_path):
    a, b = tmp_path / f"a{kind}", tmp_path / f"b{kind}"
    WRITERS[kind](1.0, a)
    WRITERS[kind](0.5, b)
    found = difference(a, b)
    assert "differ, at most by" in found.text
    grey = 50 * 3**0.5 / (3 * (200**2 + 50**2) + 2 * 255**2) ** 0.5  # three colours, and opaque
    others = {".png": grey, ".json": 1, ".pt": 0.5 / (2**2 + 0.5**2 + 3**2) ** 0.5}  # JSON: each number by itself
    assert found.relative == pytest.approx(others.get(kind, 0.5 / (2**2 + 0.5**2) ** 0.5))
    WRITERS[kind](1.0, b)
    assert difference(a, b).relative == 0


def test_other_names_and_shapes_are_no_matter_of_numbers(tmp_path):
    a, b = tmp_path / "a.csv", tmp_path / "b.csv"
    a.write_text("name,x\na,1\n")
    b.write_text("name,x\nb,1\n")
    assert difference(a, b).relative == np.inf
    b.write_text("name,x\na,1\na,1\n")
    assert difference(a, b).relative == np.inf
    np.save(tmp_path / "a.npy", np.zeros(3))
    np.save(tmp_path / "b.npy", np.zeros(4))
    assert "shapes" in difference(tmp_path / "a.npy", tmp_path / "b.npy").text


def test_a_number_on_one_side_only_is_infinitely_far(tmp_path):
    a, b = tmp_path / "a.csv", tmp_path / "b.csv"
    a.write_text("x,y\n1,\n")
    b.write_text("x,y\n1,2\n")
    assert difference(a, b).relative == np.inf
    b.write_text("x,y\n1,\n")
    assert difference(a, b).relative == 0


def test_unknown_and_damaged_files_are_compared_by_bytes(tmp_path):
    for name, content in (("a.txt", "one"), ("b.txt", "three"), ("a.npy", "no array"), ("b.npy", "none either")):
        (tmp_path / name).write_text(content)
    assert difference(tmp_path / "a.txt", tmp_path / "b.txt").text == "3 bytes, not 5"
    assert "cannot be read" in difference(tmp_path / "a.npy", tmp_path / "b.npy").text
