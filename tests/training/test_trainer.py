"""Training: stopped and resumed it gives the very bytes of an undisturbed run; mistakes are one line."""

import os
import signal
import subprocess
from dataclasses import replace

import pandas as pd
import pytest
import torch
from torch import nn

from insm.config.jobs import BudgetConfig, RunConfig, RuntimeConfig
from insm.data import checksums
from insm.data.checksums import sha256
from insm.networks.model_file import read_info
from insm.support import torch_files
from insm.training import checkpoints
from insm.training.checkpoints import Checkpoints
from insm.training.model_file import load_method, origin_of
from insm.training.trainer import Trainer

NAMES = ("model.safetensors", "log.csv", "samples.png")


def run_config(seed=0, **training) -> RunConfig:
    method = {
        "method": "init", "lambda_rec": 1, "optimiser": {"lr_decay": "linear"},
        "generator": {"width": 4, "downs": 1, "blocks": 1, "kernel": 3}, "discriminator": {"width": 4, "downs": 1},
    }  # fmt: skip
    return RunConfig(
        task="faces", variant="tiny", seed=seed, method=method, dataset="portraits", size=32,
        training=BudgetConfig(**{"updates": 6, "batch": 4, "flip": True} | training),
    )  # fmt: skip


RUNTIME = RuntimeConfig(device="cpu", log_every=2, checkpoint_every=2, sample_every=3)


class Embed(nn.Module):
    """A phi: mean colours, or NaN."""

    def __init__(self, factor=1.0):
        super().__init__()
        self.factor = factor

    def forward(self, image):
        return self.factor * image.mean(dim=(2, 3))


@pytest.fixture
def train(split, tmp_path):
    """Train a run in a folder, with `step` called before each step; returns the three outputs' bytes."""

    def train(folder, run=None, step=lambda step: None, embed=None, runtime=RUNTIME):
        folder = tmp_path / folder
        trainer = Trainer(run or run_config(), split, embed or Embed(), folder / "state", folder / "board", runtime)
        inner = trainer.step
        trainer.step = lambda number: (step(number), inner(number))[1]
        trainer.fit(*(folder / name for name in NAMES))
        assert [path.name for path in (folder / "state").glob("step-*")] == [f"step-{trainer.total:09}.pt"]
        return [(folder / name).read_bytes() for name in NAMES]

    return train


def test_equal_runs_give_equal_bytes_and_other_seeds_other_models(train):
    one, two, other = train("one"), train("two"), train("other", run_config(seed=1))
    assert one == two
    assert one[0] != other[0] and one[1] != other[1]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 75), (signal.SIGINT, 130)])
def test_a_stopped_run_resumes_bit_for_bit(train, tmp_path, capsys, number, code):
    def stop(step):
        if step == 2:
            os.kill(os.getpid(), number)

    handler = signal.getsignal(number)
    with pytest.raises(SystemExit) as stopped:
        train("resumed", step=stop)
    assert stopped.value.code == code and "stopped at step 3/6" in capsys.readouterr().out
    assert signal.getsignal(number) is handler
    assert not any((tmp_path / "resumed" / name).exists() for name in NAMES)
    steps = []
    assert train("resumed", step=steps.append) == train("undisturbed")
    assert steps == [3, 4, 5]


def test_a_run_whose_starter_is_gone_stops_and_resumes(train, monkeypatch):
    starter = subprocess.Popen(["sleep", "60"])
    monkeypatch.setenv("INSM_STARTED_BY", str(starter.pid))

    def orphan(step):
        if step == 2:
            starter.kill()
            starter.wait()

    with pytest.raises(SystemExit) as stopped:
        train("resumed", step=orphan)
    assert stopped.value.code == 75
    monkeypatch.delenv("INSM_STARTED_BY")
    assert train("resumed") == train("undisturbed")


def test_a_crash_costs_only_the_steps_since_the_last_checkpoint(train):
    def crash(step):
        if step == 5:
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        train("crashed", step=crash)
    steps = []
    assert train("crashed", step=steps.append) == train("undisturbed")
    assert steps == [4, 5]


def test_averaged_weights_resume_and_differ_from_the_last_ones(train):
    averaged = run_config()
    averaged = averaged.model_copy(update={"method": averaged.method | {"ema": 0.9}})

    def crash(step):
        if step == 5:
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        train("crashed", averaged, step=crash)
    assert train("crashed", averaged) == train("undisturbed", averaged)
    assert train("undisturbed", averaged)[0] != train("last")[0]


def test_a_budget_of_fake_images_gives_a_multi_hop_run_fewer_steps(train, tmp_path):
    train("run", run_config(budget="fake_images"), runtime=RUNTIME.model_copy(update={"log_every": 1}))
    assert pd.read_csv(tmp_path / "run" / "log.csv").step.tolist() == [1, 2], "6 updates / 3 fakes per step"


def test_the_log_has_a_row_every_few_steps_and_the_last(train, tmp_path):
    train("run", run_config(updates=5))
    log = pd.read_csv(tmp_path / "run" / "log.csv")
    assert log.step.tolist() == [2, 4, 5]
    assert {"real", "fake", "adv", "rec", "kappa"} < set(log) and log.notna().all(axis=None)


def test_a_loss_that_is_not_finite_stops_the_run(train, tmp_path, complains):
    with complains("step 1", "loss is not finite", "optimiser.lr"):
        train("run", embed=Embed(float("nan")))
    assert not (tmp_path / "run" / "model.safetensors").exists()


def checkpointed(split, folder, run=None, embed=None) -> Trainer:
    """A trainer that has saved a checkpoint before its first step."""
    trainer = Trainer(run or run_config(), split, embed or Embed(), folder / "state", folder / "board", RUNTIME)
    trainer.checkpoints.claim()
    trainer.save()
    return trainer


def test_a_checkpoint_of_other_settings_or_data_is_refused_with_the_difference(split, train, tmp_path, complains):
    checkpointed(split, tmp_path / "run", run_config(seed=3))
    with complains("settings.seed: 3 -> 0", tmp_path / "run" / "state", "delete"):
        train("run")
    images = split.images.copy()
    images[0, 0, 0, 0] ^= 1
    checkpointed(replace(split, images=images), tmp_path / "other")
    with complains("data: ", "->", tmp_path / "other" / "state"):
        train("other")


def test_a_checkpoint_of_another_phi_is_refused(split, train, tmp_path, complains):
    first, second = nn.Sequential(Embed(), nn.Linear(3, 2)), nn.Sequential(Embed(), nn.Linear(3, 2))
    checkpointed(split, tmp_path / "run", embed=first)
    with complains("phi: ", "->"):
        train("run", embed=second)


def test_a_checkpoint_of_other_code_is_refused(split, train, tmp_path, complains, monkeypatch):
    checkpointed(split, tmp_path / "run")
    now = checkpoints.code_now()
    monkeypatch.setattr(checkpoints, "code_now", lambda: now | {"losses/gan.py": "other"})
    with complains("code.losses/gan.py: ", "-> other"):
        train("run")


def test_a_checkpoint_of_another_kind_of_device_needs_a_flag(split, train, tmp_path, complains):
    trainer = checkpointed(split, tmp_path / "run")
    content = torch_files.load(trainer.checkpoints.files()[0])
    torch_files.save(content | {"device": "cuda"}, trainer.checkpoints.files()[0])
    with complains("device cuda", "--change-device"):
        train("run")
    assert train("run", runtime=RUNTIME.model_copy(update={"change_device": True})) == train("undisturbed")


def test_a_truncated_newest_checkpoint_falls_back_to_the_one_before(train, tmp_path, capsys):
    def crash(step):
        if step == 5:
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        train("run", step=crash)
    old, new = sorted((tmp_path / "run" / "state").glob("step-*.pt"))
    assert (old.name, new.name) == ("step-000000002.pt", "step-000000004.pt")
    new.write_bytes(new.read_bytes()[:-1000])
    steps = []
    assert train("run", step=steps.append) == train("undisturbed")
    assert steps == [2, 3, 4, 5] and "warning" in capsys.readouterr().err


def test_results_that_were_not_recorded_are_written_again_without_training(train, tmp_path):
    first = train("run")
    for name in NAMES:
        (tmp_path / "run" / name).unlink()
    steps = []
    assert train("run", step=steps.append) == first and steps == []


def test_a_training_that_was_taken_over_writes_nothing_more(split, train, tmp_path, capsys):
    def take_over(step):
        if step == 3:
            Checkpoints(tmp_path / "run" / "state", {}, "newer").claim()

    with pytest.raises(SystemExit) as left:
        train("run", step=take_over)
    assert left.value.code == 75 and "taken over" in capsys.readouterr().err
    assert not any((tmp_path / "run" / name).exists() for name in NAMES)
    assert [path.name for path in (tmp_path / "run" / "state").glob("step-*")] == ["step-000000002.pt"]


def test_a_split_of_another_size_is_refused(portraits, tmp_path, complains):
    with complains("data.size", "16 px", "32 px"):
        Trainer(run_config(), portraits.build("train", 8, 16, 0), Embed(), tmp_path, tmp_path)


def test_a_finished_model_translates_without_phi(train, tmp_path, split):
    train("run")
    method, run = load_method(tmp_path / "run" / "model.safetensors", torch.device("cpu"))
    assert run == run_config() and not method.training
    image = torch.rand(3, 3, 32, 32) * 2 - 1
    made = method.translate(image, torch.zeros(3, 10), torch.ones(3, 10))
    assert made.shape == image.shape and made.abs().max() <= 1


def test_the_model_tells_what_made_it(train, tmp_path, portraits):
    train("run")
    info = read_info(tmp_path / "run")
    assert info.run == run_config().model_dump(mode="json")
    assert (info.attributes, info.exclusive, info.size) == (portraits.attributes, portraits.exclusive, 32)
    assert info.sha256 == sha256(tmp_path / "run" / "model.safetensors")


def test_the_origin_names_what_a_training_read(tmp_path):
    for name in ("train.npy", "train.parquet", "embedding.pt"):
        (tmp_path / name).write_text(name)
    hashes = {path.name: sha256(path) for path in tmp_path.iterdir()}
    data, phi = tmp_path / "train.npy", tmp_path / "embedding.pt"
    assert origin_of("smoke", data, phi) == ("smoke", hashes)
    checksums.record(data, data.with_suffix(".parquet"))
    assert origin_of("smoke", data, phi) == ("smoke", hashes), "the recorded checksums are the same"
    assert origin_of("smoke", data, None).inputs.keys() == {"train.npy", "train.parquet"}
