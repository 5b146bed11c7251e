"""Every generator can repeat pixels instead of using transposed convolutions."""

import pytest
import torch
from torch import nn

from insm.networks.method import METHODS, method_config


@pytest.mark.parametrize("name", ["attgan", "cyclegan", "init", "pix2pix", "stargan", "stgan"])
def test_nearest_replaces_every_transposed_convolution(name):
    generator = {"width": 4, "upsample": "nearest"}
    method = METHODS.load(name).Method(method_config({"method": name, "generator": generator}, name), 1, 32).eval()
    assert not [layer for layer in method.modules() if isinstance(layer, nn.ConvTranspose2d)]
    source = torch.tensor([[0.0], [1.0]])
    with torch.no_grad():
        made = method.translate(torch.zeros(2, 3, 32, 32), source, 1 - source)
    assert made.shape == (2, 3, 32, 32)
