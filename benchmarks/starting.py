"""Seconds until every command has printed its help, and whether it loads torch for that.

    python benchmarks/starting.py [--passes 3] [--output benchmarks/starting.csv]

Each is a process of its own; the median of some passes, in processor time and on the clock, after one that is not
counted.
"""

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
from machine import machine, processor_seconds

from insm import cli

GROUPS = {"": cli.PEOPLE, "data": cli.DATA, "model": cli.MODEL, "vote": cli.VOTE, "job": cli.JOBS}
TORCH = "import sys; from insm import cli\ntry: cli.main()\nfinally: sys.stderr.write(f'\\n{\"torch\" in sys.modules}')"


def seconds(words: list[str], passes: int) -> dict[str, float]:
    """Medians of a command."""
    used, took = [], []
    for _ in range(passes):
        before, began = processor_seconds(), time.perf_counter()
        subprocess.run(words, check=True, capture_output=True)
        used.append(processor_seconds() - before)
        took.append(time.perf_counter() - began)
    return {"processor_seconds": statistics.median(used), "seconds": statistics.median(took)}


def loads_torch(words: list[str]) -> bool:
    """Whether a command of ours imports torch until its help is printed."""
    done = subprocess.run([sys.executable, "-c", TORCH, *words], check=False, capture_output=True, text=True)
    return done.stderr.splitlines()[-1] == "True"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--output", type=Path, default=Path("benchmarks/starting.csv"))
    asked = parser.parse_args()
    about, rows = machine(), []
    bin = Path(sys.executable).parent
    commands = [[]] + [[*([group] if group else []), name] for group, names in GROUPS.items() for name in names]
    for command in commands:
        words = [*command, "--help"]
        row = {"command": " ".join(["insm", *words]), "torch": loads_torch(words)}
        rows.append(row | seconds([str(bin / "insm"), *words], asked.passes))
        print(rows[-1], flush=True)
    pd.DataFrame(rows).assign(passes=asked.passes, **about).to_csv(asked.output, index=False, float_format="%.3g")


if __name__ == "__main__":
    main()
