"""Whole small trainings of the baselines: stopped and resumed they give the bytes of an undisturbed run."""

import pytest
import torch

from insm.config import RunConfig, TrainingConfig
from insm.trainer import Trainer, load_method

NAMES = ("model.pt", "log.csv", "samples.png")
GENERATOR = {"width": 4, "downs": 1, "blocks": 1, "kernel": 3}
METHODS = {
    "stargan": {"generator": GENERATOR, "discriminator": {"width": 4}, "d_steps": 2},
    "attgan": {"generator": {"width": 4}, "discriminator": {"width": 4, "features": 8}, "d_steps": 2},
    "stgan": {"generator": {"width": 4}, "discriminator": {"width": 4, "features": 8}, "d_steps": 2},
    "relgan": {"generator": GENERATOR, "discriminator": {"width": 4, "degrees": 2}},
}


@pytest.fixture(params=METHODS)
def train(request, pack, tmp_path):
    def train(folder, crash_at=None):
        run = RunConfig(
            task="faces", entry="tiny", seed=0, device="cpu", method={"method": request.param} | METHODS[request.param],
            dataset="portraits", size=32, training=TrainingConfig(
                updates=5, batch=4, log_every=1, checkpoint_every=3, sample_every=5
            ),
        )  # fmt: skip
        folder = tmp_path / folder
        trainer = Trainer(run, pack, None, folder / "state", folder / "board")
        inner = trainer.step

        def step(number):
            if number == crash_at:
                raise RuntimeError("power cut")
            return inner(number)

        trainer.step = step
        trainer.fit(*(folder / name for name in NAMES))
        return [(folder / name).read_bytes() for name in NAMES]

    return train


def test_a_crashed_run_resumes_bit_for_bit_and_translates(train, tmp_path):
    with pytest.raises(RuntimeError, match="power cut"):
        train("resumed", crash_at=4)
    assert train("resumed") == train("undisturbed")
    method, _ = load_method(tmp_path / "resumed" / "model.pt", torch.device("cpu"))
    image = torch.rand(3, 3, 32, 32) * 2 - 1
    made = method.translate(image, torch.zeros(3, 10), torch.ones(3, 10))
    assert made.shape == image.shape and made.abs().max() <= 1
