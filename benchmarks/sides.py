"""One side of the benchmark of training, in a process of its own that makes a step of each kind whenever it is asked.

    python benchmarks/sides.py SIDE METHOD PATH SIZE BATCH [cpu|cuda]

SIDE is ours, bf16 (ours in that precision), peer (the research code of which PATH is a checkout), or floor (the
convolutions of our step alone). Answers are lines of JSON: at first how many steps of each kind make a round, then, for
every line of input, the seconds of a step of each kind. They are of processor time, which other work changes little; on
a GPU they last until it is done.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, TextIO

import torch
from peers import PEERS, Batches
from stepping import clock, config_of, synchronise, updates_of
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from insm.support.memory import keep_freed

CPU = torch.device("cpu")


class Turns:
    """When a step may begin, and how long each took.

    Args:
        kinds: how many kinds of steps take turns.
        answers: gets a line of seconds whenever each kind has had its turn.
        device: where steps are made.
    """

    def __init__(self, kinds: int, answers: TextIO, device: torch.device):
        self.kinds, self.answers, self.device = kinds, answers, device
        self.seconds: list[float] = []
        self.began: float | None = None

    def __call__(self) -> None:
        """A step has ended, if one had begun; return when the next one may begin, which may be never."""
        synchronise(self.device)
        if self.began is not None:
            self.seconds.append(clock(self.device) - self.began)
        if self.began is None or len(self.seconds) == self.kinds:
            if self.seconds:
                self.answers.write(json.dumps(self.seconds) + "\n")
                self.answers.flush()
            if not sys.stdin.readline():
                os._exit(0)  # research code may catch any exception
            self.seconds = []
        self.began = clock(self.device)


class Convolutions(TorchDispatchMode):
    """While active, notes every convolution with its arguments' shapes, backward passes too."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[Callable, tuple]] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if func.overloadpacket in (torch.ops.aten.convolution, torch.ops.aten.convolution_backward):
            self.calls.append((func, tuple(_shape(value) for value in args)))
        return func(*args, **(kwargs or {}))


class Shape(tuple):
    """Of a tensor."""


def _shape(value: Any) -> Any:
    return Shape(value.shape) if isinstance(value, Tensor) else value


def round_of(method: str, size: int) -> dict[int, int]:
    """A step of each kind -> how many of its kind make five updates of D and one of G, or one of each."""
    shares = config_of(method, size).schedule.items()
    schedule = {step: Fraction(share).limit_denominator(100) for step, share in shares}
    return {step: int(share / min(schedule.values())) for step, share in schedule.items()}


def ours(method: str, size: int, batch: int, turns: Turns, **training: Any) -> None:
    """Our own steps."""
    keep_freed()  # as `insm job train` does
    updates, kinds = updates_of(method, size, batch, turns.device, **training), round_of(method, size)
    while True:
        for kind in kinds:
            turns()
            updates(kind)


def floor(method: str, size: int, batch: int, turns: Turns) -> None:
    """The convolutions of our steps alone, each with numbers at hand."""
    keep_freed()
    updates, kinds, found = updates_of(method, size, batch, CPU), round_of(method, size), []
    for kind in kinds:
        with Convolutions() as convolutions:
            updates(kind)
        found.append(convolutions.calls)
    shapes = {value for calls in found for _, given in calls for value in given if isinstance(value, Shape)}
    tensors = {shape: torch.randn(*shape) for shape in shapes}
    with torch.no_grad():
        while True:
            for calls in found:
                turns()
                for func, given in calls:
                    func(*(tensors[value] if isinstance(value, Shape) else value for value in given))


def main(side: str, method: str, path: str, size: int, batch: int, device: str = "cpu") -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # research code prints to the standard output
    torch.set_num_threads(1)
    torch.manual_seed(0)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False  # of a GPU, on both sides
    numbers = PEERS[method].round if side == "peer" else tuple(round_of(method, size).values())
    answers.write(json.dumps(numbers) + "\n")
    answers.flush()
    turns = Turns(len(numbers), answers, torch.device(device))
    if side == "peer":
        sys.path.insert(0, str(Path(path).resolve()))
        with tempfile.TemporaryDirectory() as scratch:
            PEERS[method].train(Batches(size, batch, turns, turns.device), Path(scratch))
    elif side == "floor":
        floor(method, size, batch, turns)
    else:
        ours(method, size, batch, turns, **({"precision": "bf16"} if side == "bf16" else {}))


if __name__ == "__main__":
    main(*sys.argv[1:4], *map(int, sys.argv[4:6]), *sys.argv[6:])  # type: ignore[call-arg, misc]
