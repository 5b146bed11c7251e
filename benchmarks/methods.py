"""Seconds of a training step, ours and the research code's in turn, one thread, and of its convolutions alone.

    python benchmarks/methods.py --peer stargan=PATH attgan=PATH stgan=PATH [--size 128] [--batch 4] [--rounds 2]

PATH is a checkout of the repository that benchmarks/peers.py names. Each measurement is a process of its own; a round
is five steps, in which both update D five times and G once. Seconds are of processor time, which other work on the
machine changes little. Without peers, ours and the floor are measured. `python benchmarks/methods.py --page` writes
docs/benchmarks.md from benchmarks/methods.json.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import insm

# isort: split
import torch
from machine import machine
from peers import PEERS, Batches
from stepping import ROUND, SMALL, operations, updates_of
from torch.utils._python_dispatch import TorchDispatchMode

from insm.reporting.markdown import table
from insm.support.files import read_json, write_json, write_text

FILE, PAGE = Path("benchmarks/methods.json"), Path("docs/benchmarks.md")
FASTEST = {"ATEN_CPU_CAPABILITY": "avx512", "ONEDNN_MAX_CPU_ISA": "ALL", "MKL_CBWR": "AUTO", "OMP_NUM_THREADS": "1"}
RECIPES = {"AVX2": insm.DETERMINISTIC_CPU, "fastest": FASTEST}
Row = dict[str, Any]


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
    return Shape(value.shape) if isinstance(value, torch.Tensor) else value


def floor(method: str, size: int, batch: int) -> float:
    """Seconds of a round's convolutions alone, each once with numbers at hand."""
    updates = updates_of(method, size, batch, torch.device("cpu"))
    updates(0)
    with Convolutions() as found:
        for step in range(ROUND, 2 * ROUND):
            updates(step)
    total = 0.0
    for func, shapes in found.calls:
        given = [torch.randn(*value) if isinstance(value, Shape) else value for value in shapes]
        began = time.process_time()
        with torch.no_grad():
            func(*given)
        total += time.process_time() - began
    return total


def rounds(seconds: list[float], count: int) -> list[float]:
    """Seconds of the last `count` rounds of steps."""
    return [sum(seconds[start : start + ROUND]) for start in range(ROUND * 1, ROUND * (1 + count), ROUND)]


def measure(side: str, method: str, path: str, size: int, batch: int, count: int) -> list[float]:
    """Seconds of `count` rounds, after one that is not counted."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    if side == "floor":
        return [floor(method, size, batch)]
    if side == "ours":
        updates, seconds = updates_of(method, size, batch, torch.device("cpu")), []
        for step in range(ROUND * (1 + count)):
            began = time.process_time()
            updates(step)
            seconds.append(time.process_time() - began)
        return rounds(seconds, count)
    batches = Batches(size, batch, time.process_time)
    with tempfile.TemporaryDirectory() as scratch:
        return rounds(PEERS[method][1](Path(path).resolve(), batches, ROUND * (1 + count), Path(scratch)), count)


def compare(peers: dict[str, str], methods: list[str], size: int, batch: int, count: int, recipes: list[str]) -> None:
    """Measure what the file lacks: ours, the peer, and the floor of each method."""
    known: Row = read_json(FILE) if FILE.exists() else {}
    for method in methods:
        for recipe in recipes:
            for side in ("ours", *(["peer"] if method in peers else []), "floor"):
                key = f"{method}, {size} px, batch {batch}, {recipe}, {side}"
                if key in known:
                    continue
                words = [sys.executable, __file__, "--one", side, method, peers.get(method, "-")]
                numbers = ["--size", str(size), "--batch", str(batch), "--rounds", str(count)]
                environment = {k: v for k, v in os.environ.items() if k not in insm.DETERMINISTIC_CPU}
                about = machine()
                done = subprocess.run([*words, *numbers], env=environment | RECIPES[recipe], stdout=subprocess.PIPE)
                if done.returncode:
                    sys.exit(f"error: {key}: the process failed, see above")
                seconds = json.loads(done.stdout.splitlines()[-1])
                known[key] = {"seconds": seconds, "gflop": operations(method, size, batch) * ROUND / 1e9} | about
                print(key, seconds, flush=True)
                write_json(FILE, known)


def page(known: Row) -> str:
    """docs/benchmarks.md."""
    runs = sorted({tuple(key.split(", ")[:-1]) for key in known})
    lines = []
    for method, size, batch, recipe in runs:
        sides = {side: known.get(f"{method}, {size}, {batch}, {recipe}, {side}") for side in ("ours", "peer", "floor")}
        took = {side: statistics.median(found["seconds"]) for side, found in sides.items() if found}
        if "ours" not in took:
            continue
        ratio = lambda side, took=took: f"{took[side] / took['ours']:.2f}" if side in took else ""  # noqa: E731
        speed = sides["ours"]["gflop"] / took["ours"]
        cells = [f"{took[side]:.2f}" if side in took else "" for side in ("ours", "peer", "floor")]
        lines.append([method, size, batch, recipe, *cells, ratio("peer"), ratio("floor"), f"{speed:.0f}"])
    heads = ["method", "size", "batch", "CPU", "ours, s", "peer, s", "convolutions, s", "peer / ours",
             "convolutions / ours", "GFLOP/s"]  # fmt: skip
    about = next(iter(known.values()))
    return TEXT.format(
        table=table(heads, lines, ["left"] * 4 + ["right"] * 6),
        processor=about["processor"],
        rounds="one round" if all(len(found["seconds"]) == 1 for found in known.values()) else "several rounds",
        loads=", ".join(sorted({str(found["load"]) for found in known.values()}, key=float)),
        peers="\n".join(
            f"- {name}: [{repository}](https://github.com/{repository})" for name, (repository, _) in PEERS.items()
        ),
    )


TEXT = """<!-- Written by `python benchmarks/methods.py --page` from benchmarks/methods.json. -->

# Benchmarks of training

Seconds of processor time for a round: five steps, in which the discriminator is updated five times and the generator
once, in fp32 on one thread. The peer is the research code, run unchanged on images of the same size; *convolutions* are
those of our own round alone, forward and backward: no code around them can take less. "AVX2" is the recipe that makes
results reproducible ([reproducibility.md](reproducibility.md)), "fastest" the processor's widest instructions; all
sides of a line have the same.

{table}

Medians of {rounds} after one that is not counted, on {processor}, which had other work at the time
(load {loads}): differences of a tenth mean nothing here.

Peers, and where their code is from:

{peers}

CycleGAN and Pix2pix have no adapter yet; of the others, what no line shows was not measured.

Other measurements: `benchmarks/preparing.csv` (preparing images beside torchvision's ImageFolder, reading them beside
decoding), `benchmarks/frechet.csv` (FID beside pytorch-fid) and `benchmarks/estimating.csv` (seconds that
`insm estimate --measure` told, beside those that trainings took). Nothing has been measured on a GPU yet
([gpu](gpu/README.md)).

To measure on your machine, with checkouts of the peers:

```sh
make benchmark PEERS="stargan=PATH attgan=PATH stgan=PATH"
```
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--peer", nargs="*", default=[], metavar="METHOD=PATH", help="checkouts of research code")
    parser.add_argument("--methods", nargs="+", choices=list(SMALL), default=list(SMALL))
    parser.add_argument("--recipes", nargs="+", choices=list(RECIPES), default=list(RECIPES))
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--page", action="store_true", help="only write the page")
    parser.add_argument("--one", nargs=3, metavar=("SIDE", "METHOD", "PATH"), help="one measurement, as JSON")
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure(*arguments.one, arguments.size, arguments.batch, arguments.rounds)))
        return
    if not arguments.page:
        peers = dict(pair.split("=", 1) for pair in arguments.peer)
        compare(peers, arguments.methods, arguments.size, arguments.batch, arguments.rounds, arguments.recipes)
    write_text(PAGE, page(read_json(FILE)))


if __name__ == "__main__":
    main()
