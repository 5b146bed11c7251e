"""`insm job reuse` writes the very files that a training of the variant would have written."""

import json

import pytest

from insm.commands.jobs.reuse import reuse
from insm.config.jobs import BudgetConfig, RunConfig, RuntimeConfig
from insm.data.preparation import save_split
from insm.networks.model_file import open_model
from insm.training.model_file import origin_of
from insm.training.trainer import Trainer

NAMES = ("model.safetensors", "log.csv", "samples.png")


def run_config(variant: str, intensity: float, updates: int = 6) -> RunConfig:
    method = {"method": "attgan", "test_intensity": intensity, "generator": {"width": 4},
              "discriminator": {"width": 4, "features": 8}}  # fmt: skip
    return RunConfig(
        task="faces", variant=variant, seed=0, method=method, dataset="portraits", size=32,
        training=BudgetConfig(updates=updates, batch=4),
    )  # fmt: skip


@pytest.fixture
def split_file(split, tmp_path):
    save_split(split, tmp_path / "train.npy", tmp_path / "train.parquet")
    return tmp_path / "train.npy"


@pytest.fixture
def trained(split, split_file, tmp_path):
    """Train a run in a folder of the name of its variant -> the folder."""

    def trained(run):
        folder = tmp_path / run.variant
        trainer = Trainer(
            run, split, None, folder / "state", folder / "board", RuntimeConfig(device="cpu", snapshots=2)
        )
        trainer.fit(
            *(folder / name for name in NAMES), origin_of("", split_file, None), folder / "snapshots.safetensors"
        )
        return folder

    return trained


def reused(run, source, data, folder):
    model, log, samples = (folder / name for name in NAMES)
    reuse(run.model_dump_json(), source / NAMES[0], source / NAMES[1], data, model, log, samples,
          source / "snapshots.safetensors", folder / "snapshots.safetensors")  # fmt: skip


def test_the_files_are_those_of_a_training(trained, split_file, tmp_path):
    source, expected, made = trained(run_config("one", 1)), trained(run_config("two", 2)), tmp_path / "made"
    made.mkdir()
    reused(run_config("two", 2), source, split_file, made)
    for name in (*NAMES, "model.json", "snapshots.safetensors"):
        assert (made / name).read_bytes() == (expected / name).read_bytes(), name
    assert (made / NAMES[2]).read_bytes() != (source / NAMES[2]).read_bytes(), "samples have twice the edit"
    assert open_model(made)[0].config.test_intensity == 2


def test_a_training_of_other_settings_is_refused(trained, split_file, tmp_path, complains):
    source = trained(run_config("one", 1))
    with complains("trained with other settings than two"):
        reused(run_config("two", 2, updates=7), source, split_file, tmp_path)
    assert json.loads((source / "model.json").read_text())["run"]["variant"] == "one"
