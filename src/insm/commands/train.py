"""`insm train`: train one run. Needs only torch, numpy, pandas (with pyarrow), pydantic, PIL and this package.

Without the command line's own packages: python -m insm.commands.train RUN TRAIN PHI STATE BOARD MODEL LOG SAMPLES
"""

import sys
from pathlib import Path

from insm import pack as packs
from insm.config import RunConfig
from insm.embedding import load as load_embedding
from insm.errors import UserError
from insm.files import read_json
from insm.runtime import setup
from insm.schema import parse
from insm.trainer import Trainer


def train(run: Path, train: Path, phi: str, state: Path, board: Path, model: Path, log: Path, samples: Path) -> None:
    """Train what RUN describes on the pack TRAIN, resuming from the folder STATE; write MODEL, LOG and SAMPLES.

    PHI is the embedding's file, or "-" for a method that uses none. BOARD is TensorBoard's folder.
    """
    config: RunConfig = parse(RunConfig, read_json(run), run)
    embed = None if phi == "-" else load_embedding(Path(phi), setup(config.device))
    if embed is None and config.method_class().needs_embedding(config.method_config()):
        raise UserError(f"{run}: method entry {config.entry!r} needs phi: give the file that `insm embed` wrote")
    Trainer(config, packs.load(train), embed, state, board).fit(model, log, samples)


if __name__ == "__main__":
    run_file, pack_file, phi_file, *rest = sys.argv[1:]
    try:
        train(Path(run_file), Path(pack_file), phi_file, *map(Path, rest))
    except UserError as error:
        sys.exit(f"error: {error}")
