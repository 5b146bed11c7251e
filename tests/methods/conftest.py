"""Fixtures for methods."""

from collections.abc import Callable
from pathlib import Path

import pytest

from insm.config import RunConfig
from insm.pack import Pack
from insm.trainer import Trainer

NAMES = ("model.pt", "log.csv", "samples.png")


@pytest.fixture
def resumes(tmp_path) -> Callable[[RunConfig, Pack, int], Path]:
    """`resumes(run, pack, crash_at)` trains with a crash and without, wants equal bytes, returns the resumed model."""

    def train(run: RunConfig, pack: Pack, folder: Path, crash_at: int | None = None) -> list[bytes]:
        trainer = Trainer(run, pack, None, folder / "state", folder / "board")
        inner = trainer.step

        def step(number):
            if number == crash_at:
                raise RuntimeError("power cut")
            return inner(number)

        trainer.step = step
        trainer.fit(*(folder / name for name in NAMES))
        return [(folder / name).read_bytes() for name in NAMES]

    def resumes(run: RunConfig, pack: Pack, crash_at: int) -> Path:
        resumed = tmp_path / "resumed"
        with pytest.raises(RuntimeError, match="power cut"):
            train(run, pack, resumed, crash_at)
        assert train(run, pack, resumed) == train(run, pack, tmp_path / "undisturbed")
        return resumed / "model.pt"

    return resumes
