"""`insm embed` and `insm recognise`: make phi, and the embedding that tells how far edits move from a person."""

from pathlib import Path

import torch

from insm import checkpoint, pretrain
from insm import pack as packs
from insm.config import EmbeddingConfig
from insm.datasets import load_dataset
from insm.embedding import published, small_vgg
from insm.files import read_json
from insm.runtime import setup
from insm.sampler import Sampler, initial_seed
from insm.schema import parse


def embed(config: Path, dataset: str, device: str, train: Path, output: Path) -> None:
    """Make phi as CONFIG says and write it to OUTPUT: trained on the pack TRAIN, as drawn, or of published weights."""
    make("embedding", config, dataset, device, train, output, seed=0)


def recognise(config: Path, dataset: str, device: str, train: Path, output: Path) -> None:
    """Make the recogniser as CONFIG says and write it to OUTPUT, as `insm embed` does; of another seed than phi."""
    make("recogniser", config, dataset, device, train, output, seed=2)


def make(key: str, config: Path, dataset: str, device: str, train: Path, output: Path, seed: int) -> None:
    """Write the embedding of a study's `key` to OUTPUT; initial weights, batches and views depend on the seed."""
    settings: EmbeddingConfig = parse(EmbeddingConfig, read_json(config), config)
    target, source = setup(device), load_dataset(dataset)
    content = {"config": settings.model_dump(mode="json")}
    if settings.weights is not None:
        checkpoint.save(content | {"state": published(settings, f"{key}.weights")}, output)
        return
    pack = packs.load(train)
    torch.manual_seed(initial_seed(seed))
    network = small_vgg(settings, len(source.attributes), pack.size).to(target)
    sampler = Sampler(pack, source, batch=settings.batch, seed=seed, device=target)
    losses = {
        "identity": lambda: pretrain.identity_loss(network.features, sampler, seed=seed),
        "attributes": lambda: pretrain.attribute_loss(network, sampler),
    }
    if settings.objective in losses:
        pretrain.fit(network, losses[settings.objective](), settings, f"{key} of {dataset}")
    shape = {"n_attr": len(source.attributes), "size": pack.size}
    checkpoint.save(content | shape | {"state": network.cpu().state_dict()}, output)
