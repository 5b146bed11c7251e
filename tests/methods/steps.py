"""Training steps of a method on a test's batch."""

import dataclasses
from collections.abc import Iterator

from torch import Tensor

from insm.data.batch import Batch
from insm.networks.method import Method, Update
from insm.support.runtime import generator


def with_draws(method: Method, batch: Batch, seed: int = 0) -> Batch:
    """The batch with what the method draws for it."""
    draws = method.draws(batch.source, batch.target, batch.step, generator(seed))
    return dataclasses.replace(batch, draws=draws)


def updates(method: Method, batch: Batch, seed: int = 0) -> Iterator[Update]:
    """The step's updates, with fresh draws."""
    return method.steps(with_draws(method, batch, seed))


def terms(method: Method, batch: Batch, seed: int = 0) -> dict[str, Tensor]:
    """All loss terms of one batch without any update."""
    return {name: value for update in updates(method, batch, seed) for name, value in update.losses.items()}
