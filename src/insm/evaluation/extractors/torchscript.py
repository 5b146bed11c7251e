"""Features of a network that a person brings as a TorchScript file."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from insm.evaluation.extractor import Extractor as BaseExtractor
from insm.evaluation.extractor import Features, batched, names_of
from insm.support.errors import UserError


class Extractor(BaseExtractor):
    """uint8 [N, 3, S, S] -> [N, D], as the file says; distances carry the file's name, whatever it holds."""

    def __init__(self, choice: str):
        self.path = Path(choice)
        self.files = (self.path,)

    def open(self, device: torch.device) -> Features:
        path = self.path
        try:
            network = torch.jit.load(str(path), map_location=device).eval()
        except (RuntimeError, ValueError, OSError):
            raise UserError(
                f"{path} is missing or no TorchScript file: key features needs one, or `classifier`"
            ) from None

        def vectors(images: np.ndarray) -> Tensor:
            features = network(torch.from_numpy(np.array(images)).permute(0, 3, 1, 2).to(device))
            if features.ndim != 2:
                raise UserError(f"{path} returns shape {list(features.shape)}: key features needs a network to [N, D]")
            return features

        return Features(lambda images: batched(images, vectors), names_of(path.stem))
