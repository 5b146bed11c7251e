"""What `insm estimate --measure` tells of trainings, beside what they then take: processor seconds of whole jobs.

python benchmarks/estimating.py [--study config/study.yaml] [--trainings portraits/init-c ...] [--steps 50]
                                [--output benchmarks/estimating.csv]
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from insm.config.plan import run_config  # before pandas: it sets how results are reproducible
from insm.config.study import load_study

# isort: split
import pandas as pd
from machine import machine

from insm.commands.jobs.embedding import embedding
from insm.commands.jobs.prepare import prepare
from insm.support.memory import keep_freed
from insm.support.runtime import setup
from insm.support.schema import Section
from insm.training.estimate import Seconds
from insm.training.seconds import processor_seconds, seconds_of_a_job, seconds_of_a_step

IMAGES = 512
"""Training images at most: more take no step longer."""


def as_json(section: Section) -> str:
    return section.model_dump_json()


def compare(study_file: Path, training: str, steps: list[int]) -> pd.DataFrame:
    """Rows (training, steps, told, took); told and took are seconds."""
    keep_freed()
    study, (name, variant) = load_study(study_file), training.split("/")
    task, run, device = study.tasks[name], run_config(study, name, variant, study.seeds[0]), setup("cpu")
    told = Seconds(seconds_of_a_job(run, task, device), seconds_of_a_step(run, task, device))
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        data = task.data.model_copy(update={"train": min(IMAGES, task.data.train)})
        prepare(as_json(data.split("train")), folder / "train.npy", folder / "train.parquet")
        phi = task.embedding.model_copy(update={"updates": 1})  # its values change no step's time
        embedding(as_json(phi), run.dataset, "cpu", folder / "train.npy", folder / "embedding.pt")
        for count in steps:
            longer = run.model_copy(update={"training": run.training.model_copy(update={"updates": count})})
            names = ("model.safetensors", "log.csv", "samples.png", "board", "state")
            files = {name.partition(".")[0]: name for name in names}
            outputs = [part for option, file in files.items() for part in (f"--{option}", folder / str(count) / file)]
            inputs = ["--run", as_json(longer), "--data", folder / "train.npy", "--embedding", folder / "embedding.pt"]
            command = [sys.executable, "-c", "from insm.cli import main; main()", "job", "train", *inputs, *outputs]
            before = processor_seconds()
            subprocess.run([*command, "--device", "cpu"], check=True, capture_output=True)
            rows.append((training, count, told.of(count), processor_seconds() - before))
            print(rows[-1], flush=True)
    return pd.DataFrame(rows, columns=["training", "steps", "told", "took"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--study", type=Path, default=Path("config/study.yaml"))
    parser.add_argument("--trainings", nargs="+", default=["portraits/init-c", "portraits/stargan", "portraits/stgan"])
    parser.add_argument("--steps", type=int, nargs="+", default=[50])
    parser.add_argument("--output", type=Path, default=Path("benchmarks/estimating.csv"))
    arguments = parser.parse_args()
    made_on = machine()
    made = pd.concat([compare(arguments.study, training, arguments.steps) for training in arguments.trainings])
    made.assign(study=arguments.study, **made_on).to_csv(arguments.output, index=False, float_format="%.4g")
