"""Features for Frechet distances: the study's own classifier's, or those of a network that a person brings."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from insm.errors import UserError

Extractor = Callable[[np.ndarray], np.ndarray]
BATCH = 64


def load_extractor(path: Path, device: torch.device) -> Extractor:
    """A TorchScript network (uint8 [N, 3, S, S] -> [N, D]) as a function: uint8 [N, S, S, 3] -> float64 [N, D].

    Such a file can hold the original Inception network; the distances carry the file's name, whatever it holds.

    Raises:
        UserError: the file is missing or no TorchScript, or it returns something else.
    """
    try:
        network = torch.jit.load(str(path), map_location=device).eval()
    except (RuntimeError, ValueError, OSError):
        raise UserError(f"{path} is missing or no TorchScript file: key features needs one, or `classifier`") from None

    @torch.inference_mode()
    def extract(images: np.ndarray) -> np.ndarray:
        parts = []
        for start in range(0, len(images), BATCH):
            batch = torch.from_numpy(np.array(images[start : start + BATCH])).permute(0, 3, 1, 2).to(device)
            features = network(batch)
            if features.ndim != 2:
                raise UserError(f"{path} returns shape {list(features.shape)}: key features needs a network to [N, D]")
            parts.append(features.double().cpu().numpy())
        return np.concatenate(parts)

    return extract
