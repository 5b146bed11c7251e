"""Settings of jobs."""

from typing import ClassVar

import pytest
from pydantic import ValidationError

from insm.config.jobs import TrainingConfig
from insm.data.settings import DataConfig
from insm.networks.method import MethodConfig


def test_sections_are_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        DataConfig(dataset="portraits", size=32, train=1, test=1).size = 64


class Alternating(MethodConfig):
    """A method that updates its generator every five steps."""

    fakes_per_step: ClassVar[int] = 3
    generator_updates_per_step: ClassVar[float] = 0.2
    relative_cost: ClassVar[float] = 1.5


@pytest.mark.parametrize(
    ("training", "factor", "steps"),
    [
        ({"updates": 100}, 1, 100),
        ({"updates": 100}, 2.5, 250),
        ({"updates": 1}, 0.01, 1),
        ({"epochs": 3, "batch": 16}, 1, 18),  # 6 whole batches an epoch
        ({"epochs": 3, "batch": 16}, 0.5, 9),
        ({"updates": 90, "budget": "fake_images"}, 1, 30),
        ({"updates": 90, "budget": "generator_updates"}, 1, 450),
        ({"updates": 90, "budget": "wall_clock"}, 1, 60),
    ],
)
def test_steps_spend_the_budget(training, factor, steps):
    config = Alternating(method="any", updates_factor=factor)
    assert TrainingConfig(**training).steps(110, config) == steps
