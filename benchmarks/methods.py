"""Seconds of training, ours and the research code's in turn, one thread, and of the convolutions alone.

    python benchmarks/methods.py --peer stargan=PATH attgan=PATH stgan=PATH cyclegan=PATH pix2pix=PATH
                                 [--methods stargan ...] [--cpu AVX2 fastest] [--size 128] [--batch 4] [--rounds 3]
                                 [--output benchmarks/methods.json]

PATH is a checkout of the repository that benchmarks/peers.py names. All sides of a method are there at once, each in a
process of its own, and take turns; only one computes. A round is five updates of D and one of G, or one of each where
every step has both. What the file has already is not measured again. `make docs` writes the page, docs/benchmarks.md.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import insm

# isort: split
from machine import machine
from peers import PEERS
from sides import round_of
from stepping import SMALL, operations

from insm.support.files import read_json, write_json

FASTEST = {"ATEN_CPU_CAPABILITY": "avx512", "ONEDNN_MAX_CPU_ISA": "ALL", "MKL_CBWR": "AUTO"}
CPUS = {"AVX2": insm.DETERMINISTIC_CPU, "fastest": FASTEST}
"""The recipe that makes results reproducible, and the processor's widest instructions."""

Row = dict[str, Any]


class Side:
    """A process that makes steps when it is asked."""

    def __init__(self, side: str, method: str, path: str, size: int, batch: int, cpu: str, device: str):
        script, numbers = Path(__file__).with_name("sides.py"), [str(size), str(batch)]
        words = [sys.executable, script, side, method, path, *numbers, device]
        environment = {k: v for k, v in os.environ.items() if k not in insm.DETERMINISTIC_CPU}
        environment |= CPUS[cpu] | {"OMP_NUM_THREADS": "1"}
        self.name, self.told = f"{method}, {side}", tempfile.TemporaryFile("w+")  # noqa: SIM115 - as long as the process
        self.process = subprocess.Popen(
            words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.told, text=True
        )
        self.numbers: list[float] = []

    def answer(self) -> list[float]:
        """The next line of the process.

        Raises:
            RuntimeError: it failed.
        """
        line = self.process.stdout.readline()  # type: ignore[union-attr]
        if not line:
            self.told.seek(0)
            raise RuntimeError(f"{self.name}: the process failed: {self.told.read()[-2000:]}")
        return json.loads(line)

    def round(self) -> float:
        """Seconds of a round, from a step of each kind."""
        with suppress(BrokenPipeError):  # it failed: its answer tells why
            print("go", file=self.process.stdin, flush=True)
        return sum(number * seconds for number, seconds in zip(self.numbers, self.answer(), strict=True))

    def close(self) -> None:
        """End it."""
        self.process.stdin.close()  # type: ignore[union-attr]
        self.process.wait()


def measure(method: str, path: str, size: int, batch: int, cpu: str, count: int, device: str = "cpu") -> list[Row]:
    """A row for each side; `seconds` are those of `count` rounds, after one that is not counted.

    Raises:
        RuntimeError: a side failed.
    """
    about = machine()
    names = ["ours", *(["peer"] if path else [])]
    if device == "cpu":
        names += ["floor", *(["bf16"] if cpu == "fastest" else [])]
    sides = {name: Side(name, method, path, size, batch, cpu, device) for name in names}
    for side in sides.values():
        side.numbers = side.answer()
    taken: dict[str, list[float]] = {name: [] for name in names}
    for number in range(-1, count):
        for name, side in sides.items():
            seconds = side.round()
            if number >= 0:
                taken[name].append(float(f"{seconds:.4g}"))
    for side in sides.values():
        side.close()
    steps = sum(round_of(method, size).values())
    head = {"method": method, "size": size, "batch": batch, "cpu": cpu}
    work = {"gflop": float(f"{operations(method, size, batch) * steps / 1e9:.4g}")}
    return [head | {"side": name, "seconds": seconds} | work | about for name, seconds in taken.items()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--peer", nargs="*", default=[], metavar="METHOD=PATH", help="checkouts of research code")
    parser.add_argument("--methods", nargs="+", choices=list(SMALL), default=list(PEERS))
    parser.add_argument("--cpu", nargs="+", choices=list(CPUS), default=list(CPUS))
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=Path("benchmarks/methods.json"))
    asked = parser.parse_args()
    peers = dict(pair.split("=", 1) for pair in asked.peer)
    if unknown := ", ".join(peers.keys() - PEERS.keys()):
        parser.error(f"--peer: no adapter for {unknown}: choose from {', '.join(PEERS)}")
    rows: list[Row] = read_json(asked.output) if asked.output.exists() else []
    for method in asked.methods:
        for cpu in asked.cpu:
            key = {"method": method, "size": asked.size, "batch": asked.batch, "cpu": cpu}
            if any(key.items() <= row.items() for row in rows):
                continue
            try:
                made = measure(method, peers.get(method, ""), asked.size, asked.batch, cpu, asked.rounds)
            except RuntimeError as error:
                sys.exit(f"error: {error}")
            for row in made:
                print(method, cpu, row["side"], f"{statistics.median(row['seconds']):.3g} s", flush=True)
            rows += made
            write_json(asked.output, rows)


if __name__ == "__main__":
    main()
