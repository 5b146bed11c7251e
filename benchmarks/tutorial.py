"""Run the commands of docs/tutorial.md, word for word, in a fresh clone of the last commit (`make tutorial`).

    PYTHONPATH=. python benchmarks/tutorial.py [--output benchmarks/tutorial.csv]

The environment variable STUDY chooses the study: study (the default) or smoke. A row a heading of the page, the last
one their sum; `cpu_seconds` is what the processors worked, `load` what they had to do before. Nothing but Python is
needed.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from machine import machine
from tests import ROOT
from tests.docs.tutorial import blocks, clocks, script

PAGE = "docs/tutorial.md"


def measure(folder: Path, steps: list[tuple[str, str]]) -> list[dict]:
    """Rows of the table: what each block of commands, run in a clone in the folder, took.

    Raises:
        SystemExit: a command failed; all of them have its exit status.
    """
    clone, times = folder / "clone", folder / "times"
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
    common = {"study": os.environ.get("STUDY", "study"), "date": date.today(), **machine()}
    environment = ["env", "-u", "MAKEFLAGS", "-u", "MAKELEVEL", "-u", "PYTHONPATH", f"TIMES={times}"]
    begin = time.monotonic()
    done = subprocess.run([*environment, "bash", "-c", script(steps)], cwd=clone)
    print(f"tutorial: exit status {done.returncode} after {time.monotonic() - begin:.0f} s", file=sys.stderr)
    if done.returncode:
        raise SystemExit(done.returncode)
    at = clocks(times.read_text())
    spans = [*zip([heading for heading, _ in steps], at, at[1:], strict=False), ("all", at[0], at[-1])]
    return [
        {"step": name, "seconds": round(end[0] - start[0]), "cpu_seconds": round(end[1] - start[1]), **common}
        for name, start, end in spans
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--output", type=Path, help="Write the table (CSV) there too.")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="insm-tutorial-") as name:
        rows = measure(Path(name), blocks(ROOT / PAGE))
    for file in [sys.stdout, *([arguments.output.open("w", newline="")] if arguments.output else [])]:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
