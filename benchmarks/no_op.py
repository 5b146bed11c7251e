"""How long the engines take where nothing is to be done, or jobs are only to be told.

python benchmarks/no_op.py [--project .] [--times 3] [--output benchmarks/no_op.csv]

The project is a clone in which the embedded study is finished. Each command runs once unmeasured, then so many times.
"""

import argparse
import re
import subprocess
import time
from pathlib import Path

import pandas as pd
from machine import machine, processor_seconds

PLAN = "snakemake -n --quiet rules"
COMMANDS = {
    PLAN: "study",
    f"{PLAN} --config study=config/full.yaml": "full",
    f"{PLAN} --config study=config/paper.yaml": "paper",
    "snakemake --quiet all": "study",
    "dvc status dvc.yaml": "study",
    "dvc repro": "study",
}


def measured(project: Path, command: str, times: int) -> dict[str, str | int | float]:
    """Medians of a command's seconds, on the clock and of a processor, and how many jobs it found to run."""
    clock, busy = [], []
    for _ in range(times + 1):
        began, used = time.perf_counter(), processor_seconds()
        done = subprocess.run(command.split(), cwd=project, check=True, text=True, capture_output=True)
        clock.append(time.perf_counter() - began)
        busy.append(processor_seconds() - used)
    total = re.search(r"^total +(\d+)$", done.stdout + done.stderr, re.M)
    jobs = int(total[1]) - 1 if total else 0  # the rule `all` itself does nothing
    middle = {"seconds": clock, "processor_seconds": busy}
    return {name: round(sorted(values[1:])[times // 2], 2) for name, values in middle.items()} | {"jobs": jobs}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--project", type=Path, default=Path())
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--output", type=Path, default=Path("benchmarks/no_op.csv"))
    options = parser.parse_args()
    on = machine()
    rows = [
        {"command": command, "study": study, **measured(options.project, command, options.times), **on}
        for command, study in COMMANDS.items()
    ]
    pd.DataFrame(rows).to_csv(options.output, index=False)


if __name__ == "__main__":
    main()
