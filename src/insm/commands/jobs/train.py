"""`insm job train`: train one run.

Needs only torch, numpy, pandas (with pyarrow), pydantic, safetensors, Pillow and this package. Where Typer is not
installed, call `train` from Python.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

from insm.commands.arguments import option, settings
from insm.config.jobs import RunConfig, RuntimeConfig
from insm.data.prepared_split import load_split
from insm.networks.embedding import load as load_embedding
from insm.support.errors import UserError
from insm.support.memory import keep_freed
from insm.support.runtime import setup
from insm.training.model_file import origin_of
from insm.training.monitor import Monitor
from insm.training.trainer import Trainer


def train(
    run: Annotated[str, option("Settings of the run: JSON, or its file.")],
    data: Annotated[Path, option("The prepared training split (.npy).")],
    state: Annotated[Path, option("Folder of the checkpoints to resume from.")],
    board: Annotated[Path, option("TensorBoard's folder, and DVCLive's.")],
    model: Annotated[Path, option("Output: the trained networks (.safetensors), and model.json beside them.")],
    log: Annotated[Path, option("Output: losses over steps (.csv).")],
    samples: Annotated[Path, option("Output: the last sample grid (.png).")],
    embedding: Annotated[Path | None, option("phi, for methods that use it (.pt).")] = None,
    study: Annotated[str, option("Name of the study, for model.json.")] = "",
    device: Annotated[str, option("auto, cpu or cuda.")] = "auto",
    log_every: Annotated[int, option("Steps between rows of the log.")] = 25,
    checkpoint_every: Annotated[int, option("Steps between checkpoints.")] = 250,
    sample_every: Annotated[int, option("Steps between sample grids.")] = 500,
    dvclive: Annotated[bool, option("Also write DVCLive's files.")] = False,
    validation: Annotated[Path | None, option("Split for the curve of the accuracy (.npy), if it is there.")] = None,
    classifier: Annotated[Path | None, option("The classifier that measures it (.pt), if it is there.")] = None,
    snapshots: Annotated[Path | None, option("Output: the translator at points of training (.safetensors).")] = None,
    snapshot_count: Annotated[int, option("How many points.")] = 0,
    gpus: Annotated[int, option("Processes that divide the batch, each on a GPU of its own.")] = 1,
    attempts: Annotated[Path | None, option("Folder of the lasting logs and of what `insm status` reads.")] = None,
    change_device: Annotated[bool, option("Continue an unfinished run on another kind of device.")] = False,
) -> None:
    """Train one run on a prepared split, resuming where it was interrupted."""
    if gpus > 1 and "WORLD_SIZE" not in os.environ:
        from insm.training.launch import launch  # slow to import

        raise SystemExit(launch(["insm", *sys.argv[1:]], gpus))
    keep_freed()
    config = settings(RunConfig, run)
    runtime = RuntimeConfig(
        device=device,
        log_every=log_every,
        checkpoint_every=checkpoint_every,
        sample_every=sample_every,
        snapshots=snapshot_count if snapshots else 0,
        change_device=change_device,
        dvclive=dvclive,
    )
    phi = load_embedding(embedding, setup(device)) if embedding else None
    if phi is None and config.method_config().needs_embedding:
        raise UserError(
            f"method variant {config.variant!r} needs phi: give the file that `insm job embedding` wrote "
            "with --embedding"
        )
    monitor = Monitor(validation, classifier) if validation and classifier else None
    trainer = Trainer(config, load_split(data), phi, state, board, runtime, attempts, monitor)
    trainer.fit(model, log, samples, origin_of(study, data, embedding if phi else None), snapshots)
