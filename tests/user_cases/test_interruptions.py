"""Trainings that something interrupts."""

import os
import resource
import shutil
import signal
from contextlib import contextmanager
from pathlib import Path

import pytest

from insm.config.jobs import BudgetConfig, RunConfig, RuntimeConfig
from insm.support.errors import TemporaryError, UserError
from insm.training.trainer import Trainer

OUTPUTS = ("model.safetensors", "log.csv", "samples.png")


@contextmanager
def largest_file(size: int):
    """No file may grow beyond `size` bytes, which the system refuses as it refuses writing to a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


@pytest.fixture
def train(tmp_path, split):
    """`train(folder, step=...)` trains six steps, calling `step` before each -> the bytes of the outputs."""

    def train(folder: str, step=lambda number: None, **training) -> list[bytes]:
        method = {
            "method": "init", "lambda_rec": 1, "mst": {"hops": 1}, "aiw": {"enabled": False},
            "generator": {"width": 4, "downs": 1, "blocks": 1, "kernel": 3}, "discriminator": {"width": 4, "downs": 1},
        }  # fmt: skip
        run = RunConfig(
            task="faces", variant="tiny", seed=0, method=method, dataset="portraits", size=32,
            training=BudgetConfig(**{"updates": 6, "batch": 4} | training),
        )  # fmt: skip
        place = tmp_path / folder
        runtime = RuntimeConfig(device="cpu", log_every=1, checkpoint_every=2, sample_every=6)
        trainer = Trainer(run, split, None, place / "state", place / "board", runtime)
        inner = trainer.step
        trainer.step = lambda number: (step(number), inner(number))[1]
        trainer.fit(*(place / name for name in OUTPUTS))
        return [(place / name).read_bytes() for name in OUTPUTS]

    return train


def checkpoints(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "state").iterdir() if path.name != "owner")


def test_a_disk_that_fills_costs_no_checkpoint(tmp_path, train):
    """The disk is full when the second checkpoint is written. The message names the file and asks for space, the first
    checkpoint is whole, nothing partial stays, and the same command goes on to the very bytes of an undisturbed run."""
    with largest_file(resource.RLIM_INFINITY), pytest.raises(TemporaryError) as full:

        def fill(step: int) -> None:
            if step == 3:
                resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))

        train("full", fill)
    message = str(full.value)
    assert "step-000000004.pt" in message and "free space" in message and "\n" not in message
    assert checkpoints(tmp_path / "full") == ["step-000000002.pt"]
    steps: list[int] = []
    assert train("full", steps.append) == train("undisturbed")
    assert steps == [2, 3, 4, 5]


def test_a_longer_training_does_not_go_on_from_a_shorter_one(tmp_path, train, complains):
    """A person stops a training and asks for more updates. The learning rate depends on their number: to go on would be
    neither training, so it is refused with both numbers and the folder to delete, and the checkpoint stays."""

    def stop(step: int) -> None:
        if step == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(SystemExit):
        train("edited", stop)
    before = checkpoints(tmp_path / "edited")
    with complains("updates: 6 -> 8", tmp_path / "edited/state"):
        train("edited", updates=8)
    assert checkpoints(tmp_path / "edited") == before
    assert train("edited") == train("undisturbed")


def test_a_state_of_another_computer_that_came_half(tmp_path, train, capsys):
    """Checkpoints are copied to another computer and the connection breaks: the newest is half. It is told, and the
    training goes on from the one before, to the same bytes."""

    def crash(step: int) -> None:
        if step == 5:
            raise KeyError("power cut")

    with pytest.raises(KeyError):
        train("here", crash)
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    newest = tmp_path / "there/state/step-000000004.pt"
    os.truncate(newest, newest.stat().st_size // 2)
    steps: list[int] = []
    try:
        outputs = train("there", steps.append)
    except UserError as error:
        pytest.fail(str(error))
    assert steps == [2, 3, 4, 5] and str(newest) in capsys.readouterr().err
    assert outputs == train("undisturbed")
