"""Training steps as CUDA graphs: each kind of step is recorded once and then replayed with one launch.

The networks of an embedded study are so small that a GPU waits for the CPU, which launches a thousand kernels a step.
"""

import dataclasses
import weakref
from collections import Counter
from collections.abc import Callable
from functools import partial
from types import MappingProxyType
from typing import cast

import torch
from torch import Tensor

from insm.data.batch import Batch
from insm.networks.method import MethodConfig
from insm.support.memory import give_back
from insm.training.updates import Updates, Values

WARM = 3  # steps of each kind before it is recorded: libraries choose their kernels and workspaces in them

NEAR = {"rtol": 1e-3, "atol": 1e-4}
"""How far numbers may be from those of eager steps with learning rates on the device, after tens of steps: a GPU rounds
sums in no fixed order, and training adds that up. Not yet tried on one."""


class Captured:
    """In place of `Updates.apply`: the same updates of batches that are copied to where the graphs read them.

    Everything of a step is in its graph: the passes, gradient penalties, optimisers. Learning rates are tensors on the
    device. On a CPU there is nothing to record, and the step is made on the same places.

    It refers to the updates weakly, so that graphs and their memory are freed together with them. Kinds share no pool
    of memory: a replay of one would write over the losses of another, which the log reads later.

    Args:
        updates: whose steps; `use` puts this in its place.
    """

    def __init__(self, updates: Updates):
        self.updates = cast(Updates, weakref.proxy(updates))
        self.eager = partial(type(updates).apply, self.updates)
        self.warm: dict[int, int] = {}  # kind of step -> how many were made without a graph
        self.recorded: dict[int, Step] = {}
        device = next(updates.method.parameters()).device
        self.stream = torch.cuda.Stream(device) if device.type == "cuda" else None

    def __call__(self, batch: Batch) -> set[str]:
        """The updates of a batch; returns who was updated."""
        kind = self.updates.method.config.kind(batch.step)
        if self.warm.setdefault(kind, 0) < WARM:
            self.warm[kind] += 1
            return on_side_stream(self.eager, batch, self.stream)
        if kind not in self.recorded:
            self.recorded[kind] = Step(self.updates, self.eager, batch)
        return self.recorded[kind](batch)


class Step:
    """One kind of step, recorded on the places of its batch, its losses and everything in between."""

    def __init__(self, updates: Updates, eager: Callable[[Batch], set[str]], batch: Batch):
        self.updates, self.batch = updates, copied(batch)
        self.updated: set[str] = set()
        before = updates.losses, updates.logged
        updates.losses, updates.logged = {}, {}
        places, updated = self.batch, self.updated  # not `self`, which holds the step: that would be a cycle

        def step() -> None:
            updated.clear()
            updated.update(eager(places))

        self.replay = record(step, batch.image.device)
        self.losses: Values = updates.losses
        self.logged: Values = updates.logged
        updates.losses, updates.logged = before

    def __call__(self, batch: Batch) -> set[str]:
        for place, value in zip(tensors(self.batch), tensors(batch), strict=True):
            place.copy_(value)
        self.replay()
        if not self.losses:  # nothing was recorded: the losses are those of the step that was just made
            return self.updated
        self.updates.losses |= self.losses
        self.updates.logged |= self.logged
        return self.updated


def use(updates: Updates) -> None:
    """Let updates be captured; call when their arithmetic is set and their state loaded."""
    keep_rates_on_device(updates)
    updates.apply = Captured(updates)  # type: ignore[method-assign]


def steps_to_record(config: MethodConfig) -> int:
    """After how many steps every kind of step is recorded."""
    seen, steps = Counter[int](), 0
    while any(seen[kind] <= WARM for kind in config.schedule):
        seen[config.kind(steps)] += 1
        steps += 1
    return steps


def keep_rates_on_device(updates: Updates) -> None:
    """Let optimisers on a GPU read float32 learning rates there, as a recorded step must; others stay as they are."""
    for optimiser in updates.optimisers.values():
        for group in optimiser.param_groups:
            device = group["params"][0].device
            if device.type == "cuda":
                group["lr"] = torch.tensor(float(group["lr"]), device=device)
                group["capturable"] = True


def record(step: Callable[[], None], device: torch.device) -> Callable[[], None]:
    """A function that makes the step: a CUDA graph of it, which is recorded without being made, or the step itself."""
    if device.type != "cuda":
        return step
    give_back()  # torch collects no garbage before it records, and what an earlier run left is in cycles
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def on_side_stream(function: Callable[[Batch], set[str]], batch: Batch, stream: torch.cuda.Stream | None) -> set[str]:
    """Call it as steps before a recording must be: not on the stream that everything else waits for."""
    if stream is None:
        return function(batch)
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        result = function(batch)
    torch.cuda.current_stream().wait_stream(stream)
    return result


def tensors(batch: Batch) -> list[Tensor]:
    """All tensors of a batch, in a fixed order."""
    partner = [] if batch.partner is None else [batch.partner]
    return [batch.image, batch.source, batch.target, *partner, *(batch.draws[name] for name in sorted(batch.draws))]


def copied(batch: Batch) -> Batch:
    """A batch of its own memory."""
    return dataclasses.replace(
        batch,
        image=batch.image.clone(),
        source=batch.source.clone(),
        target=batch.target.clone(),
        partner=None if batch.partner is None else batch.partner.clone(),
        draws=MappingProxyType({name: value.clone() for name, value in batch.draws.items()}),
    )
