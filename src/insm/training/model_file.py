"""What a training writes when it is done: its model, with everything that tells what made it."""

from pathlib import Path
from typing import NamedTuple

import torch

from insm.config.jobs import RunConfig
from insm.data.checksums import sha256
from insm.data.dataset import Dataset
from insm.networks import model_file
from insm.networks.method import Method
from insm.networks.model_file import ModelInfo
from insm.support.schema import parse


class Origin(NamedTuple):
    """Where a training belongs and what it read, for its model file; no weights depend on it."""

    study: str = ""
    inputs: dict[str, str] = {}  # SHA-256 by file name


def origin_of(study: str, train: Path, embedding: Path | None) -> Origin:
    """The origin of a training on a prepared split (.npy) with phi."""
    record = train.with_suffix(".sha256")
    if record.exists():  # compared with the files when they are opened
        lines = (line.partition("  ") for line in record.read_text(encoding="utf-8").splitlines())
        inputs = {name: digest for digest, _, name in lines}
    else:
        inputs = {path.name: sha256(path) for path in (train, train.with_suffix(".parquet"))}
    return Origin(study, inputs | ({embedding.name: sha256(embedding)} if embedding else {}))


def save_model(method: Method, run: RunConfig, dataset: Dataset, path: Path, origin: Origin) -> None:
    """Write the trained networks to `path` (.safetensors) and `model.json` beside it."""
    info = ModelInfo(
        study=origin.study,
        dataset=run.dataset,
        attributes=dataset.attributes,
        exclusive=dataset.exclusive,
        exactly_one=dataset.exactly_one,
        size=run.size,
        run=run.model_dump(mode="json"),
        inputs=origin.inputs,
    )
    model_file.save(model_file.weights_of(method), info, path)


def load_method(path: Path, device: torch.device) -> tuple[Method, RunConfig]:
    """Open a finished model for translation.

    Raises:
        UserError: a file is missing or damaged, or its weights do not fit the method that it names.
    """
    method, info = model_file.open_model(path, device)
    return method, parse(RunConfig, info.run, path)
