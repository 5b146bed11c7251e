"""What an extractor is: the files it needs, and once opened, features and what distances of them are called."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from insm.data.download.source import Source
from insm.data.images import Rows, batches
from insm.support.registry import Registry

BATCH = 64


@dataclass(frozen=True)
class Features:
    """An extractor that is ready."""

    extract: Callable[[np.ndarray], np.ndarray]
    """Images uint8 [N, S, S, 3] -> features [N, D]; distances compute in float64."""
    names: dict[str, str]
    """What distances of these features are called, by what kind they are."""


def names_of(network: str) -> dict[str, str]:
    """What distances of a network's features are called, unless it is Inception: then they are FID and KID."""
    return {kind: f"{kind}_{network}" for kind in ("frechet", "kernel")}


class Extractor(ABC):
    """One file in `insm/extractors/` holds one subclass; its module name is the name that studies use.

    sources    published weights, fetched into data/weights/<name>; none where a person brings them
    files      what has to be there before it is opened
    """

    sources: ClassVar[tuple[Source, ...]] = ()
    files: tuple[Path, ...] = ()

    @abstractmethod
    def __init__(self, choice: str):
        """`choice` is what follows the extractor's name and a colon in a study.

        Raises:
            UserError: not a possible one.
        """

    @abstractmethod
    def open(self, device: torch.device) -> Features:
        """Read the files.

        Raises:
            UserError: they are missing or something else.
        """


def batched(images: Rows, network: Callable[[np.ndarray], Tensor]) -> np.ndarray:
    """Images uint8 [N, S, S, 3] -> features [N, D] of a network to [B, D], a batch at a time, in its precision."""
    with torch.inference_mode():
        parts = [network(batch).cpu() for (batch,) in batches(images, size=BATCH)]
    return torch.cat(parts).numpy()


EXTRACTORS = Registry("evaluation.extractors", "feature extractor")


def parse(features: str) -> tuple[str, Extractor]:
    """What the key `features` asks for -> the extractor's name and itself, its files not yet read.

    `<name>:<choice>` names an extractor, and the choice is for itself (`inception:clean`); a name alone is that of a
    TorchScript file.

    Raises:
        UserError: no such extractor, or it refuses the choice.
    """
    name, colon, choice = features.partition(":")
    if not colon and name not in EXTRACTORS.names():
        name, choice = "torchscript", features
    return name, EXTRACTORS.load(name).Extractor(choice)
