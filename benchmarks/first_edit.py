"""How long one waits for the first edited face: clone, environment and edit, nothing of them prepared.

    PYTHONPATH=. python benchmarks/first_edit.py [--output benchmarks/first_edit.csv]

It clones the last commit into an empty folder and runs the commands of docs/quick-start.md, "Edit a face", one by one.
pip uses no cache, so everything is fetched as on a new machine: the time depends on the network, and on which build of
PyTorch the package index offers (docs/quick-start.md, "What is installed"). A row a command; the last one is their sum.
`cpu_seconds` is what the processors worked, whoever else used them.
"""

import argparse
import os
import subprocess
import tempfile
import time
from pathlib import Path

import pandas as pd
from machine import machine, processor_seconds
from tests import ROOT
from tests.docs.tutorial import blocks

PAGE, HEADING = "docs/quick-start.md", "Edit a face, in two minutes"
LIMIT = 120  # seconds


def timed(command: str, folder: Path) -> tuple[float, float]:
    """Seconds and processor seconds of a shell command in a folder, as in a new terminal: no environment, no cache."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    environment["PATH"] = os.pathsep.join(
        place for place in os.environ["PATH"].split(os.pathsep) if not place.startswith(str(ROOT))
    )
    began, before = time.monotonic(), processor_seconds()
    subprocess.run(["bash", "-c", command], cwd=folder, env=environment | {"PIP_NO_CACHE_DIR": "1"}, check=True)
    return time.monotonic() - began, processor_seconds() - before


def measure(folder: Path) -> pd.DataFrame:
    """Rows (command, seconds, cpu_seconds); the last one is the sum."""
    clone = folder / "insm"
    (commands,) = [text for heading, text in blocks(ROOT / PAGE) if heading == HEADING]
    rows = [("git clone", *timed(f"git clone --quiet '{ROOT}' '{clone}'", folder))]
    rows += [(line, *timed(line, clone)) for line in commands.splitlines()]
    edited = list((clone / "edited").glob("*.png"))
    assert len(edited) == 1, "the last command edits one face"
    made = pd.DataFrame(rows, columns=["command", "seconds", "cpu_seconds"])
    made.loc[len(made)] = ["all", made.seconds.sum(), made.cpu_seconds.sum()]
    return made


def build_of_torch(folder: Path) -> str:
    """The version of PyTorch that was installed; "+cpu" is the build for processors alone."""
    call = "from importlib.metadata import version; print(version('torch'))"
    python = folder / "insm/.venv/bin/python"
    return subprocess.run([python, "-c", call], capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--output", type=Path, default=Path("benchmarks/first_edit.csv"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="insm-first-edit-") as name:
        made = measure(Path(name)).assign(torch=build_of_torch(Path(name)), **machine())
    made.to_csv(arguments.output, index=False, float_format="%.4g")
    print(made.to_string(index=False))
    raise SystemExit(f"error: more than {LIMIT} s" if made.seconds.iloc[-1] > LIMIT else 0)
