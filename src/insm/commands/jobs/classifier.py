"""`insm job classifier`: train the attribute classifier."""

from pathlib import Path
from typing import Annotated

from insm.commands.arguments import option, settings
from insm.data.dataset import load_dataset
from insm.data.prepared_split import load_split
from insm.networks.classifier import ClassifierConfig
from insm.support import torch_files
from insm.support.runtime import setup
from insm.training.pretraining import Resumption, train_classifier


def classifier(
    config: str,
    dataset: str,
    device: str,
    train: Path,
    output: Path,
    state: Annotated[Path | None, option("Folder of the checkpoints to resume from.")] = None,
    attempts: Annotated[Path | None, option("Folder of the lasting logs.")] = None,
    number: Annotated[int, option("Which of several independently trained ones, from 1.")] = 1,
) -> None:
    """Train the ResNet-18 that measures attribute accuracy on the split TRAIN and write it to OUTPUT."""
    chosen, split = settings(ClassifierConfig, config), load_split(train)
    resumption = Resumption(state, attempts)
    content = train_classifier(chosen, split, load_dataset(dataset), setup(device), resumption, seed=number)
    torch_files.save(content, output)
