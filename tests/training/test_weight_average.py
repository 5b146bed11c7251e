"""Moving averages count updates of a network, not steps of the loop."""

import pytest
import torch

from insm.config.jobs import BudgetConfig, RunConfig, RuntimeConfig
from insm.methods.stargan import Config, Method
from insm.training.trainer import Trainer
from insm.training.weight_average import WeightAverage

SMALL = {
    "method": "stargan",
    "d_steps": 2,
    "generator": {"width": 4, "downs": 1, "blocks": 1, "kernel": 3},
    "discriminator": {"width": 4},
}


def first(network: torch.nn.Module) -> torch.Tensor:
    return next(network.parameters()).detach().clone()


def test_the_average_moves_by_the_decay_when_its_player_was_updated_and_else_stays():
    method = Method(Config.model_validate(SMALL), 2, 32)
    average, seen = WeightAverage(method, 0.75), first(method.generator)
    average.update({"generator"})  # the first update takes the weights as they are
    with torch.no_grad():
        next(method.generator.parameters()).add_(1)
    average.update({"discriminator"})
    assert torch.equal(first(average.generator), seen)
    average.update({"discriminator", "generator"})
    torch.testing.assert_close(first(average.generator), seen + 0.25)
    average.replace()
    assert torch.equal(first(method.generator), first(average.generator))


def test_without_a_decay_nothing_is_averaged():
    method = Method(Config.model_validate(SMALL), 2, 32)
    seen = first(method.generator)
    average = WeightAverage(method, 0)
    average.update({"generator"})
    average.replace()
    assert not average.state_dict() and torch.equal(first(method.generator), seen)


@pytest.mark.parametrize("updates", [2, 4, 7])
def test_a_training_averages_once_per_update_of_the_generator(split, tmp_path, updates):
    run = RunConfig(
        task="faces", variant="tiny", seed=0, method=SMALL | {"ema": 0.5},
        dataset="portraits", size=32, training=BudgetConfig(updates=updates, batch=4),
    )  # fmt: skip
    trainer = Trainer(run, split, None, tmp_path / "state", tmp_path / "board", RuntimeConfig(device="cpu"))
    weights = []
    for step in range(updates):
        trainer.step(step)
        if step % SMALL["d_steps"] == SMALL["d_steps"] - 1:
            weights.append(first(trainer.method.generator))
    expected = weights[0]
    for weight in weights[1:]:
        expected = expected.lerp(weight, 0.5)
    assert len(weights) == updates // 2
    torch.testing.assert_close(first(trainer.updates.average.generator), expected)
