"""A small VGG-style network: attribute logits from its head, an embedding from its penultimate layer."""

import torch.nn.functional as F
from torch import Tensor, nn


class SmallVGG(nn.Module):
    """Image [B, 3, S, S] in [-1, 1] -> logits [B, A].

    Stages of two 3x3 convolutions with batch norm and a 2x2 max-pool (Simonyan & Zisserman, ICLR 2015), then one
    hidden layer of `features` units. `size` S must be divisible by 2 ** len(widths).
    """

    def __init__(self, n_attr: int, size: int, widths: tuple[int, ...], features: int):
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for width in widths:
            for _ in range(2):
                layers += [nn.Conv2d(channels, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)]
                layers += [nn.ReLU(inplace=True)]
                channels = width
            layers += [nn.MaxPool2d(2)]
        self.body = nn.Sequential(*layers, nn.Flatten(1))
        self.hidden = nn.Linear(channels * (size // 2 ** len(widths)) ** 2, features)
        self.head = nn.Linear(features, n_attr)

    def features(self, image: Tensor) -> Tensor:
        """Penultimate features before their ReLU, [B, F]."""
        return self.hidden(self.body(image))

    def forward(self, image: Tensor) -> Tensor:
        return self.head(F.relu(self.features(image)))
