"""Whole small trainings of the baselines: stopped and resumed they give the bytes of an undisturbed run."""

import pytest
import torch

from insm.config.jobs import BudgetConfig, RunConfig
from insm.training.model_file import load_method

GENERATOR = {"width": 4, "downs": 1, "blocks": 1, "kernel": 3}
METHODS = {
    "stargan": {"generator": GENERATOR, "discriminator": {"width": 4}, "d_steps": 2},
    "attgan": {"generator": {"width": 4}, "discriminator": {"width": 4, "features": 8}, "d_steps": 2},
    "stgan": {"generator": {"width": 4}, "discriminator": {"width": 4, "features": 8}, "d_steps": 2},
    "relgan": {"generator": GENERATOR, "discriminator": {"width": 4, "degrees": 2}},
}


@pytest.mark.parametrize("name", METHODS)
def test_a_crashed_run_resumes_bit_for_bit_and_translates(name, split, resumes):
    run = RunConfig(
        task="faces", variant="tiny", seed=0, method={"method": name} | METHODS[name],
        dataset="portraits", size=32, training=BudgetConfig(updates=5, batch=4),
    )  # fmt: skip
    method, _ = load_method(resumes(run, split, crash_at=4), torch.device("cpu"))
    image = torch.rand(3, 3, 32, 32) * 2 - 1
    made = method.translate(image, torch.zeros(3, 10), torch.ones(3, 10))
    assert made.shape == image.shape and made.abs().max() <= 1
