"""The benchmark of training steps adds what it measured to a table."""

import subprocess
import sys

import pandas as pd

from tests import ROOT


def test_rows_are_added_to_the_table(tmp_path):
    output = tmp_path / "steps.csv"
    for precision in ("fp32", "bf16"):
        command = [
            sys.executable,
            ROOT / "benchmarks/steps.py",
            "init-c",
            "--size",
            "32",
            "--batch",
            "2",
            "--steps",
            "1",
        ]
        done = subprocess.run(
            [*command, "--output", output, "--precision", precision], check=False, capture_output=True, text=True
        )
        assert done.returncode == 0 or "no instructions for bf16" in done.stderr, done.stderr
    table = pd.read_csv(output)
    assert (table.ms_per_step > 0).all() and table.gmac_per_step.nunique() == 1
    assert table.precision.tolist()[0] == "fp32" and set(table.variant) == {"init-c"}
