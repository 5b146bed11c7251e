"""Checkpoints: equal content gives equal bytes, broken files are told apart in one line."""

import json

import pytest
import torch

from insm.support import torch_files


def content() -> dict:
    rng = torch.Generator().manual_seed(0)
    weights = {"a.weight": torch.randn(5, 3, generator=rng), "a.bias": torch.zeros(3), "steps": torch.tensor(7)}
    return {"weights": weights, "log": [{"step": 1, "loss": 0.1}], "name": "c", "none": None}


@pytest.fixture
def saved(tmp_path):
    torch_files.save(content(), tmp_path / "model.pt")
    return tmp_path / "model.pt"


def test_round_trip(saved):
    expected, loaded = content(), torch_files.load(saved)
    for name, tensor in expected.pop("weights").items():
        assert torch.equal(loaded["weights"][name], tensor) and loaded["weights"][name].dtype == tensor.dtype
    del loaded["weights"]
    assert loaded == expected


def test_equal_content_gives_equal_bytes_under_any_name(saved, tmp_path):
    other = tmp_path / "folder" / "quite another name.bin"
    torch_files.save(content(), other)
    assert other.read_bytes() == saved.read_bytes()
    torch_files.save(content() | {"name": "d"}, other)
    assert other.read_bytes() != saved.read_bytes()


def test_only_the_file_is_left(saved):
    assert list(saved.parent.iterdir()) == [saved]


def test_a_missing_file_is_named(tmp_path, complains):
    with complains(tmp_path / "no.pt", "missing", "snakemake"):
        torch_files.load(tmp_path / "no.pt")


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.99])
def test_a_truncated_file_is_named(saved, complains, share):
    whole = saved.read_bytes()
    saved.write_bytes(whole[: int(share * len(whole))])
    with complains(saved, "truncated or no torch file", "make it again"):
        torch_files.load(saved)


@pytest.mark.parametrize("text", [json.dumps({"a": 1}), "name: smoke\n", "\x89PNG", "PK\x03\x04"])
def test_another_kind_of_file_is_named(tmp_path, complains, text):
    path = tmp_path / "model.pt"
    path.write_text(text)
    with complains(path, "no torch file"):
        torch_files.load(path)


def test_objects_that_could_run_code_are_refused(tmp_path, complains):
    torch.save({"loss": torch.nn.functional.l1_loss}, tmp_path / "model.pt")
    with complains(tmp_path / "model.pt"):
        torch_files.load(tmp_path / "model.pt")
