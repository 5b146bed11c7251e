"""Snapshots: what a training kept of its translator is read back as it was, in half precision."""

import pytest
import torch

from insm.methods.init import Config, Method
from insm.networks.model_file import ModelInfo, save, save_tensors, weights_of
from insm.networks.snapshots import read_snapshots
from insm.support import records
from insm.support.files import read_json, write_json
from insm.support.recording import recording

SMALL = {"method": "init", "generator": {"width": 8, "downs": 1, "blocks": 1, "kernel": 3},
         "discriminator": {"width": 8, "downs": 2}, "aiw": {"enabled": False}}  # fmt: skip


@pytest.fixture
def method():
    torch.manual_seed(0)
    return Method(Config.model_validate(SMALL), 2, 32)


def test_every_step_translates_as_it_did(method, tmp_path):
    info = ModelInfo(study="", dataset="any", attributes=("A", "B"), size=32, run={"method": SMALL})
    model, file = tmp_path / "model.safetensors", tmp_path / "snapshots.safetensors"
    save(weights_of(method), info, model)
    image, label = torch.rand(2, 3, 32, 32) * 2 - 1, torch.ones(2, 2)
    kept, seen = {}, {}
    for step in (5, 10):
        with torch.no_grad():
            for weight in method.generator.parameters():
                weight += 0.01
            seen[step] = method.eval().translate(image, label, label)
        kept |= {f"{step}.{name}": value.half() for name, value in weights_of(method, ("generator",)).items()}
    save_tensors(kept, file)
    with torch.no_grad():
        for step, known in read_snapshots(file, model, torch.device("cpu")):
            torch.testing.assert_close(known.translate(image, label, label), seen.pop(step), atol=5e-3, rtol=0)
    assert not seen


def test_snapshots_are_compared_with_their_record_and_noted(method, tmp_path, monkeypatch, complains):
    """The learning curve that a job measures is made of them."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Snakefile").touch()
    run = tmp_path / "results/tiny/runs"
    model, file, measured = run / "model.safetensors", run / "snapshots.safetensors", run.parent / "metrics/curve.json"
    info = ModelInfo(study="", dataset="any", attributes=("A", "B"), size=32, run={"method": SMALL})
    with recording(["job", "train"]):
        save(weights_of(method), info, model)
        save_tensors({f"5.{name}": value for name, value in weights_of(method, ("generator",)).items()}, file)
    with recording(["job", "evaluate"]):
        write_json(measured, [step for step, _ in read_snapshots(file, model, torch.device("cpu"))])
    record = read_json(run.parent / "provenance/metrics/curve.json.json")
    assert record["inputs"]["results/tiny/runs/snapshots.safetensors"] == records.sha256(file)
    records._index.cache_clear()
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with complains(file, "other bytes"):
        next(read_snapshots(file, model, torch.device("cpu")))
    records._index.cache_clear()
