"""`insm job train`: train one run. Needs only torch, numpy, pandas (with pyarrow), pydantic, Pillow and this package.

Where Typer is not installed, call `train` from Python.
"""

from pathlib import Path
from typing import Annotated

from insm.commands.arguments import option
from insm.config.jobs import RunConfig
from insm.data.prepared_split import load_split
from insm.networks.embedding import load as load_embedding
from insm.support.errors import UserError
from insm.support.files import read_json
from insm.support.runtime import setup
from insm.support.schema import parse
from insm.training.trainer import Trainer


def train(
    run: Annotated[Path, option("Settings of the run (.json), as `insm job configure` writes them.")],
    data: Annotated[Path, option("The prepared training split (.npy).")],
    state: Annotated[Path, option("Folder to resume from; removed once the run is complete.")],
    board: Annotated[Path, option("TensorBoard's folder.")],
    model: Annotated[Path, option("Output: the trained networks (.pt).")],
    log: Annotated[Path, option("Output: losses over steps (.csv).")],
    samples: Annotated[Path, option("Output: the last sample grid (.png).")],
    embedding: Annotated[Path | None, option("phi, for methods that use it (.pt).")] = None,
) -> None:
    """Train one run on a prepared split, resuming where it was interrupted."""
    config: RunConfig = parse(RunConfig, read_json(run), run)
    phi = load_embedding(embedding, setup(config.device)) if embedding else None
    if phi is None and config.method_class().needs_embedding(config.method_config()):
        raise UserError(
            f"{run}: method variant {config.variant!r} needs phi: give the file that `insm job embedding` wrote "
            "with --embedding"
        )
    Trainer(config, load_split(data), phi, state, board).fit(model, log, samples)
