"""A prepared split's checksums: written with it, as sha256sum does; nobody opens other bytes."""

import shutil
import subprocess

import pytest

from insm.commands.jobs.card import card
from insm.commands.jobs.classifier import classifier
from insm.commands.jobs.embedding import embedding
from insm.commands.jobs.ground_truth import ground_truth
from insm.commands.jobs.prepare import prepare
from insm.commands.jobs.sample_edits import sample_edits
from insm.commands.jobs.train import train
from insm.config.jobs import RunConfig
from insm.data import checksums
from insm.data.preparation import save_split
from insm.networks.classifier import ClassifierConfig
from insm.networks.embedding import EmbeddingConfig
from insm.support.files import write_json

SETTINGS = {"dataset": "portraits", "count": 12, "size": 32, "seed": 0}
RUN = {"task": "faces", "variant": "tiny", "seed": 0, "dataset": "portraits", "size": 32,
       "training": {"updates": 1, "batch": 4}, "method": {"method": "stargan"}}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    """Prepared splits as `insm job prepare` makes them, and the settings of jobs that read them."""
    for split in ("train", "test"):
        write_json(tmp_path / f"{split}-config.json", SETTINGS | {"split": split})
        prepare(str(tmp_path / f"{split}-config.json"), tmp_path / f"{split}.npy", tmp_path / f"{split}.parquet")
    for name, config in {
        "phi": EmbeddingConfig(updates=1),
        "classifier": ClassifierConfig(updates=1),
        "run": RunConfig(**RUN),
    }.items():
        write_json(tmp_path / f"{name}.json", config.model_dump(mode="json"))
    return tmp_path


def flip(path):
    """Change the last bit of a file."""
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def test_checksums_are_those_of_sha256sum(folder):
    checksums.verify(folder / "train.npy")
    if shutil.which("sha256sum"):
        subprocess.run(["sha256sum", "--check", "--strict", "train.sha256"], cwd=folder, check=True)
    assert (folder / "train.sha256").read_text().split()[1::2] == ["train.npy", "train.parquet"]


@pytest.mark.parametrize("name", ["train.npy", "train.parquet"])
def test_other_bytes_are_refused_before_anything_is_made_of_them(folder, complains, name):
    flip(folder / name)
    output, split = folder / "output", folder / "train.npy"
    jobs = (
        lambda: embedding(str(folder / "phi.json"), "portraits", "cpu", split, output),
        lambda: classifier(str(folder / "classifier.json"), "portraits", "cpu", split, output),
        lambda: train(str(folder / "run.json"), split, *[output] * 5, device="cpu"),
        lambda: ground_truth("portraits", split, output, output),
        lambda: sample_edits("portraits", folder / "test.npy", split, output, output),
        lambda: sample_edits("portraits", split, folder / "test.npy", output, output),
        lambda: card(
            *(str(folder / f"{s}-config.json") for s in ("train", "test")), split, folder / "test.npy", output
        ),
    )
    for job in jobs:
        with complains(folder / name, "other bytes", "train.sha256", "delete it", f"snakemake {folder / name}"):
            job()
    assert not output.exists()


def test_preparing_again_mends_a_split(folder):
    before = (folder / "train.sha256").read_bytes()
    flip(folder / "train.npy")
    prepare(str(folder / "train-config.json"), folder / "train.npy", folder / "train.parquet")
    checksums.verify(folder / "train.npy")
    assert (folder / "train.sha256").read_bytes() == before


def test_a_missing_half_is_told(folder, complains):
    (folder / "train.parquet").unlink()
    with complains(folder / "train.parquet", "missing", "snakemake"):
        checksums.verify(folder / "train.npy")


def test_a_split_without_checksums_passes(tmp_path, split):
    save_split(split, tmp_path / "train.npy", tmp_path / "train.parquet")
    checksums.verify(tmp_path / "train.npy")
