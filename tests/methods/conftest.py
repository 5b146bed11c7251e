"""Fixtures for methods."""

from collections.abc import Callable
from pathlib import Path

import pytest

from insm.config.jobs import RunConfig, RuntimeConfig
from insm.data.prepared_split import PreparedSplit
from insm.training.trainer import Trainer

RUNTIME = RuntimeConfig(device="cpu", log_every=2, checkpoint_every=2, sample_every=5)
NAMES = ("model.safetensors", "log.csv", "samples.png")


@pytest.fixture
def resumes(tmp_path) -> Callable[[RunConfig, PreparedSplit, int], Path]:
    """`resumes(run, split, crash_at)` trains with and without a crash, wants equal bytes; returns the model."""

    def train(run: RunConfig, split: PreparedSplit, folder: Path, crash_at: int | None = None) -> list[bytes]:
        trainer = Trainer(run, split, None, folder / "state", folder / "board", RUNTIME)
        inner = trainer.step

        def step(number):
            if number == crash_at:
                raise RuntimeError("power cut")
            return inner(number)

        trainer.step = step
        trainer.fit(*(folder / name for name in NAMES))
        return [(folder / name).read_bytes() for name in NAMES]

    def resumes(run: RunConfig, split: PreparedSplit, crash_at: int) -> Path:
        resumed = tmp_path / "resumed"
        with pytest.raises(RuntimeError, match="power cut"):
            train(run, split, resumed, crash_at)
        assert train(run, split, resumed) == train(run, split, tmp_path / "undisturbed")
        return resumed / "model.safetensors"

    return resumes
