"""A project in which two trainings were run and tabulated, in miniature, with the records of its jobs."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from insm.reporting.tables import read_table, write_table
from insm.support import records
from insm.support.files import load_array, save_array
from insm.support.recording import recording


def run(*command):
    """A job whose reads and writes are recorded."""
    records._index.cache_clear()
    return recording(["job", *command])


def write_records(folder: Path) -> Path:
    """Run the jobs of study `tiny` in a folder, the working directory -> its results."""
    (folder / "Snakefile").touch()
    results, split = Path("results/tiny"), Path("data/tiny/land/train.npy")
    with run("prepare", json.dumps({"seed": 7})):
        save_array(np.arange(2000, dtype=np.uint8), split)
    rows = []
    for variant in ("a", "b"):
        model = results / f"runs/land/{variant}/seed0/model.npy"
        with run("train", json.dumps({"seed": 0, "variant": variant})):
            save_array(load_array(split) / (2 if variant == "a" else 3), model)
        rows.append({"variant": variant, "seed": 0, "metric": "accuracy", "value": 0.5 if variant == "a" else 0.25})
    with run("tabulate"):
        for variant in ("a", "b"):
            load_array(results / f"runs/land/{variant}/seed0/model.npy")
        write_table(pd.DataFrame(rows), results / "tables/metrics-land.csv")
    with run("table1"):
        write_table(read_table(results / "tables/metrics-land.csv")[["variant", "value"]], results / "tables/one.csv")
    records._index.cache_clear()
    return folder / results
