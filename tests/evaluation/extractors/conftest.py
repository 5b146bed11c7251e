"""One set of random weights and a few odd images, for our network and the reference implementations alike."""

import insm.support.torchvision_import  # noqa: F401 - first: the reference implementations import torchvision themselves

# isort: split
import numpy as np
import pytest
import torch
from PIL import Image

from insm.evaluation.extractor import parse
from insm.networks.inception import inception
from insm.support import torch_files


@pytest.fixture(scope="session")
def weights(tmp_path_factory):
    """A file of weights with which activations neither vanish nor explode, and no batch norm is the identity."""
    rng, state = torch.Generator().manual_seed(0), inception().state_dict()
    for name, value in state.items():
        if name.endswith(("conv.weight", "fc.weight")):
            value.normal_(0, (2 / value[0].numel()) ** 0.5, generator=rng)
        elif name.endswith(("bn.weight", "running_var")):
            value.uniform_(0.5, 1.5, generator=rng)
        elif value.is_floating_point():
            value.normal_(0, 0.2, generator=rng)
    path = tmp_path_factory.mktemp("weights") / "random.pth"
    torch_files.save(state, path)
    return path


@pytest.fixture(scope="session")
def images():
    """uint8 [4, 40, 52, 3], wider than high: noise, a checkerboard whose edges overshoot, and smooth colours."""
    rng = np.random.default_rng(0)
    board = np.indices((40, 52)).sum(axis=0) // 8 % 2 * 255
    small = rng.integers(0, 256, (2, 5, 6, 3), dtype=np.uint8)
    smooth = [np.asarray(Image.fromarray(colours).resize((52, 40))) for colours in small]
    return np.stack([rng.integers(0, 256, (40, 52, 3)), np.repeat(board[..., None], 3, axis=2), *smooth]).astype(
        np.uint8
    )


@pytest.fixture(scope="session")
def features(weights, images):
    """Our features by resize mode, [4, 2048] each."""
    return {
        mode: parse(f"inception:{mode}:{weights}")[1].open(torch.device("cpu")).extract(images)
        for mode in ("legacy", "clean", "tensorflow")
    }
