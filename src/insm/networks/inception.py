"""The Inception-v3 whose features FID is defined on: the TensorFlow graph of December 2015 (Szegedy et al., CVPR 2016).

torchvision's network with the three differences of that graph: mean pools do not count the zeros of their padding, the
last block takes a maximum where the paper takes a mean, and there are 1,008 logits. Parameter names are torchvision's,
and so those of the weights that pytorch-fid and torch-fidelity publish.
"""

from functools import reduce
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from insm.support.light_torchvision import torchvision

parts = torchvision.models.inception
InceptionA: Any = parts.InceptionA  # base classes below; torchvision is published without types
InceptionC: Any = parts.InceptionC
InceptionE: Any = parts.InceptionE
LOGITS, FEATURES, SIDE = 1008, 2048, 299  # of the published graph; SIDE in pixels


def mean_pool(x: Tensor) -> Tensor:
    """3 x 3 means over the pixels that there are: at the border, of fewer than nine."""
    return F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)


def max_pool(x: Tensor) -> Tensor:
    """3 x 3 maxima."""
    return F.max_pool2d(x, 3, stride=1, padding=1)


def chain(x: Tensor, *layers: nn.Module) -> Tensor:
    """The layers, one after the other."""
    return reduce(lambda value, layer: layer(value), layers, x)


class BlockA(InceptionA):
    """35 x 35 maps."""

    def forward(self, x: Tensor) -> Tensor:
        narrow = chain(x, self.branch5x5_1, self.branch5x5_2)
        wide = chain(x, self.branch3x3dbl_1, self.branch3x3dbl_2, self.branch3x3dbl_3)
        return torch.cat([self.branch1x1(x), narrow, wide, self.branch_pool(mean_pool(x))], dim=1)


class BlockC(InceptionC):
    """17 x 17 maps, with 7 x 1 and 1 x 7 convolutions."""

    def forward(self, x: Tensor) -> Tensor:
        once = chain(x, self.branch7x7_1, self.branch7x7_2, self.branch7x7_3)
        twice = chain(x, *(getattr(self, f"branch7x7dbl_{k}") for k in range(1, 6)))
        return torch.cat([self.branch1x1(x), once, twice, self.branch_pool(mean_pool(x))], dim=1)


class BlockE(InceptionE):
    """8 x 8 maps; branches end in 1 x 3 and 3 x 1 convolutions side by side."""

    pool = staticmethod(mean_pool)

    def forward(self, x: Tensor) -> Tensor:
        once = self.branch3x3_1(x)
        twice = chain(x, self.branch3x3dbl_1, self.branch3x3dbl_2)
        short = [self.branch3x3_2a(once), self.branch3x3_2b(once)]
        long = [self.branch3x3dbl_3a(twice), self.branch3x3dbl_3b(twice)]
        return torch.cat([self.branch1x1(x), *short, *long, self.branch_pool(self.pool(x))], dim=1)


class LastBlock(BlockE):
    """The graph's slip that FID inherits: a maximum."""

    pool = staticmethod(max_pool)


def inception() -> nn.Module:
    """The whole network without its weights: images [B, 3, 299, 299] in [-1, 1] -> logits [B, 1008]."""
    blocks = [parts.BasicConv2d, BlockA, parts.InceptionB, BlockC, parts.InceptionD, BlockE, parts.InceptionAux]
    network = parts.Inception3(LOGITS, aux_logits=False, inception_blocks=blocks, init_weights=False)
    network.Mixed_7c = LastBlock(2048)
    return network.eval()


def features_of(network: nn.Module) -> nn.Module:
    """The network, changed in place for inference alone: images [B, 3, 299, 299] -> features [B, 2048].

    The logits are left out, and every batch norm, constant by now, becomes part of its convolution.
    """
    network.fc = nn.Identity()
    for part in network.modules():
        if isinstance(part, parts.BasicConv2d):
            part.conv, part.bn = fuse_conv_bn_eval(part.conv, part.bn), nn.Identity()
    return network.eval().requires_grad_(False)
