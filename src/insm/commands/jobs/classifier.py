"""`insm job classifier`: train the attribute classifier."""

from pathlib import Path

from insm.commands.arguments import settings
from insm.data.dataset import load_dataset
from insm.data.prepared_split import load_split
from insm.networks.classifier import ClassifierConfig
from insm.support import torch_files
from insm.support.runtime import setup
from insm.training.pretraining import train_classifier


def classifier(config: str, dataset: str, device: str, train: Path, output: Path) -> None:
    """Train the ResNet-18 that measures attribute accuracy on the split TRAIN and write it to OUTPUT."""
    content = train_classifier(
        settings(ClassifierConfig, config), load_split(train), load_dataset(dataset), setup(device)
    )
    torch_files.save(content, output)
