"""CycleGAN's generator (Zhu et al., ICCV 2017, after Johnson et al., ECCV 2016): residual, without labels.

At 256 px: width 64, 2 downsamplings, 9 blocks; 6 blocks at 128 px. Smaller images use smaller numbers.
"""

from itertools import pairwise
from typing import Literal

import torch
import torch.nn.functional as F
from pydantic import NonNegativeInt, PositiveInt
from torch import Tensor, nn

from insm.networks.blocks import Init, InstanceNorm2d, Upsample, UpsampledConv2d
from insm.support.schema import Section


class CycleGANGeneratorConfig(Section):
    """CycleGAN's generator at 256 px."""

    width: PositiveInt = 64
    """Channels of the first convolution."""
    downs: NonNegativeInt = 2
    """Downsamplings, each doubling the channels."""
    blocks: PositiveInt = 9
    """Residual blocks at the lowest resolution; the paper has 9 at 256 px and 6 at 128 px."""
    kernel: Literal[3, 5, 7] = 7
    """Width of the first and last convolutions, pixels."""
    init: Init = "normal"
    """Initial weights: from N(0, 0.02), He normal, or torch's default."""
    upsample: Upsample = "transposed"
    """Transposed convolutions k3s2, or "nearest": repeat pixels, then convolve k3 (no checkerboard)."""


class _Reflect(torch.autograd.Function):
    """Reflection padding whose gradient is the same from run to run, as that of torch's own is not on a GPU."""

    @staticmethod
    def forward(ctx, x: Tensor, n: int) -> Tensor:
        ctx.n = n
        return F.pad(x, (n, n, n, n), mode="reflect")

    @staticmethod
    def backward(ctx, grad: Tensor) -> tuple[Tensor, None]:
        n = ctx.n
        for axis in (3, 2):
            size = grad.shape[axis] - 2 * n
            inner = grad.narrow(axis, n, size).clone()
            inner.narrow(axis, 1, n).add_(grad.narrow(axis, 0, n).flip(axis))
            inner.narrow(axis, size - 1 - n, n).add_(grad.narrow(axis, n + size, n).flip(axis))
            grad = inner
        return grad, None


class ReflectionPad(nn.Module):
    """[B, C, H, W] -> [B, C, H + 2n, W + 2n], mirrored at the border pixels; n below H and W."""

    def __init__(self, n: int):
        super().__init__()
        self.n = n

    def forward(self, x: Tensor) -> Tensor:
        return _Reflect.apply(x, self.n)


class ReflectedBlock(nn.Module):
    """x + IN(conv(ReLU(IN(conv(x))))), reflection padding, no activation after the sum; [B, C, H, W] -> the same."""

    def __init__(self, channels: int):
        super().__init__()
        self.body = nn.Sequential(
            *(ReflectionPad(1), nn.Conv2d(channels, channels, 3), InstanceNorm2d(channels), nn.ReLU(inplace=True)),
            *(ReflectionPad(1), nn.Conv2d(channels, channels, 3), InstanceNorm2d(channels)),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class ToImage(nn.Conv2d):
    """A convolution k x k to 3 maps, [B, C, H, W] -> [B, 3, H - k + 1, W - k + 1].

    Above k3 as convolutions k x 1 with the kernel's columns, whose 3 k maps are shifted and added: a CPU computes maps
    in groups of 8 or 16, so that 3 alone cost two to four times as much. A GPU is left to its own library.
    """

    def forward(self, input: Tensor) -> Tensor:
        columns = self.kernel_size[1]
        if columns <= 3 or input.device.type != "cpu":
            return super().forward(input)
        weight = self.weight.permute(3, 0, 1, 2).flatten(0, 1).unsqueeze(3)  # [k 3, C, k, 1]
        maps = F.conv2d(input, weight).unflatten(1, (columns, self.out_channels))
        wide = input.shape[3] - columns + 1
        image = maps[:, 0, :, :, :wide] if self.bias is None else maps[:, 0, :, :, :wide] + self.bias.view(-1, 1, 1)
        for k in range(1, columns):
            image = image + maps[:, k, :, :, k : k + wide]
        return image


class CycleGANGenerator(nn.Module):
    """Image [B, 3, S, S] -> image [B, 3, S, S] in [-1, 1]; S divisible by 2 ** downs.

    Instance norms have neither parameters nor running statistics; every convolution has a bias.
    """

    def __init__(self, config: CycleGANGeneratorConfig):
        super().__init__()
        width, kernel = config.width, config.kernel
        widths = [width * 2**k for k in range(config.downs + 1)]
        layers: list[nn.Module] = [ReflectionPad(kernel // 2), *_normalised(nn.Conv2d(3, width, kernel))]
        for narrow, wide in pairwise(widths):
            layers += _normalised(nn.Conv2d(narrow, wide, 3, 2, 1))
        layers += [ReflectedBlock(widths[-1]) for _ in range(config.blocks)]
        for wide, narrow in pairwise(reversed(widths)):
            if config.upsample == "nearest":
                layers += _normalised(UpsampledConv2d(wide, narrow, bias=True, padding_mode="reflect"))
            else:
                layers += _normalised(nn.ConvTranspose2d(wide, narrow, 3, 2, 1, output_padding=1))
        layers += [ReflectionPad(kernel // 2), ToImage(width, 3, kernel), nn.Tanh()]
        self.layers = nn.Sequential(*layers)

    def forward(self, image: Tensor) -> Tensor:
        return self.layers(image)


def _normalised(conv: nn.Conv2d | nn.ConvTranspose2d) -> list[nn.Module]:
    return [conv, InstanceNorm2d(conv.out_channels), nn.ReLU(inplace=True)]
