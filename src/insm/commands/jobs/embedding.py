"""`insm job embedding` and `insm job identity-encoder`: make phi, and the encoder of the identity distance."""

from pathlib import Path
from typing import Annotated

from insm.commands.arguments import option, settings
from insm.data.dataset import load_dataset
from insm.data.prepared_split import load_split
from insm.networks.embedding import EmbeddingConfig, published
from insm.support import torch_files
from insm.support.runtime import setup
from insm.training.pretraining import Resumption, train_embedding


def embedding(
    config: str,
    dataset: str,
    device: str,
    train: Path,
    output: Path,
    state: Annotated[Path | None, option("Folder of the checkpoints to resume from.")] = None,
    attempts: Annotated[Path | None, option("Folder of the lasting logs.")] = None,
) -> None:
    """Make phi as CONFIG says: trained on the split TRAIN, untrained, or of published weights. Write it to OUTPUT."""
    make("embedding", config, dataset, device, train, output, 0, Resumption(state, attempts))


def identity_encoder(
    config: str,
    dataset: str,
    device: str,
    train: Path,
    output: Path,
    state: Annotated[Path | None, option("Folder of the checkpoints to resume from.")] = None,
    attempts: Annotated[Path | None, option("Folder of the lasting logs.")] = None,
) -> None:
    """Make the identity encoder as CONFIG says, like `insm job embedding` but with another seed than phi's."""
    make("identity_encoder", config, dataset, device, train, output, 2, Resumption(state, attempts))


def make(
    key: str, config: str, dataset: str, device: str, train: Path, output: Path, seed: int, resumption: Resumption
) -> None:
    """Write the embedding of a study's `key` to OUTPUT; initial weights, batches and views depend on the seed."""
    wanted = settings(EmbeddingConfig, config)
    if wanted.weights is not None:
        content = {"config": wanted.model_dump(mode="json"), "state": published(wanted, f"{key}.weights")}
    else:
        content = train_embedding(
            wanted, load_split(train), load_dataset(dataset), setup(device), seed, key, resumption
        )
    torch_files.save(content, output)
