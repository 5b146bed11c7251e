"""`insm classify`: train the attribute classifier."""

from pathlib import Path

import torch

from insm import checkpoint, pretrain
from insm import pack as packs
from insm.classifier import Classifier
from insm.config import ClassifierConfig
from insm.datasets import load_dataset
from insm.files import read_json
from insm.runtime import setup
from insm.sampler import Sampler, initial_seed
from insm.schema import parse


def classify(config: Path, dataset: str, device: str, train: Path, output: Path) -> None:
    """Train the ResNet-18 that judges edits on the pack TRAIN and write it to OUTPUT."""
    settings: ClassifierConfig = parse(ClassifierConfig, read_json(config), config)
    target, source = setup(device), load_dataset(dataset)
    torch.manual_seed(initial_seed(1))
    network = Classifier(len(source.attributes)).to(target)
    sampler = Sampler(packs.load(train), source, batch=settings.batch, seed=1, flip=True, device=target)
    pretrain.fit(network, pretrain.attribute_loss(network, sampler), settings, f"classifier of {dataset}")
    checkpoint.save({"n_attr": len(source.attributes), "state": network.cpu().state_dict()}, output)
