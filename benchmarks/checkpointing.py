"""What checkpoints cost at the paper's settings: a measured save against the estimate of a training step on a GPU.

python benchmarks/checkpointing.py > benchmarks/checkpointing.csv
"""

import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
import torch

from insm.config.cost import count_method
from insm.config.study import load_study
from insm.data.dataset import load_dataset
from insm.networks.method import METHODS
from insm.training.checkpoints import COST, QUICK, Checkpoints

STUDY = Path("config/paper.yaml")
TRAININGS = (("portraits", "init-c"), ("portraits", "attgan"), ("shoes", "pix2pix-photo"))
TFLOPS = 60  # that a GPU sustains: what `insm estimate` assumes
REPEATS = 3


def main() -> None:
    """Print a CSV table: training, size, seconds of a save and of a step, steps between saves, percent of the time."""
    study, rows = load_study(STUDY), []
    for task, variant in TRAININGS:
        settings, config = study.tasks[task], study.method_config(variant)
        count = count_method(config, settings)
        attributes = len(load_dataset(settings.data.dataset).attributes)
        method = METHODS.load(config.method).Method(config, attributes, settings.data.size)
        state = method.state_dict()
        moments = {name: [value.clone(), value.clone()] for name, value in state.items()}  # Adam's
        with tempfile.TemporaryDirectory(dir=".") as folder:
            checkpoints, seconds = Checkpoints(Path(folder), {}, variant), []
            for step in range(REPEATS):
                began = time.perf_counter()
                checkpoints.save(step, {"method": state, "optimisers": moments})
                seconds.append(time.perf_counter() - began)
            size = checkpoints.files()[0].stat().st_size / 1e6
        save, every = sorted(seconds)[REPEATS // 2], settings.training.checkpoint_every
        duration = 2 * count.macs / (TFLOPS * 1e12)
        between = max(every * duration, save / COST if save >= QUICK else 0)
        rows.append([f"{task}/{variant}", size, save, duration, every, 100 * save / (save + between)])
        print(rows[-1], file=sys.stderr)
    columns = ["training", "megabytes", "save_seconds", "step_seconds", "checkpoint_every", "percent"]
    pd.DataFrame(rows, columns=columns).round(4).to_csv(sys.stdout, index=False)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
