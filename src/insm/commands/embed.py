"""`insm embed`: make phi."""

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
    settings: EmbeddingConfig = parse(EmbeddingConfig, read_json(config), config)
    target, source = setup(device), load_dataset(dataset)
    content = {"config": settings.model_dump(mode="json")}
    if settings.weights is not None:
        checkpoint.save(content | {"state": published(settings)}, output)
        return
    pack = packs.load(train)
    torch.manual_seed(initial_seed(0))
    network = small_vgg(settings, len(source.attributes), pack.size).to(target)
    sampler = Sampler(pack, source, batch=settings.batch, seed=0, device=target)
    losses = {
        "identity": lambda: pretrain.identity_loss(network.features, sampler, seed=0),
        "attributes": lambda: pretrain.attribute_loss(network, sampler),
    }
    if settings.objective in losses:
        pretrain.fit(network, losses[settings.objective](), settings, f"embedding of {dataset}")
    shape = {"n_attr": len(source.attributes), "size": pack.size}
    checkpoint.save(content | shape | {"state": network.cpu().state_dict()}, output)
