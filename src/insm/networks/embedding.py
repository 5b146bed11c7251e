"""phi of Eq. 6: a frozen network from images to points, either pretrained here or published."""

from pathlib import Path
from typing import Literal

import torch
import torch.nn.functional as F
from pydantic import PositiveFloat, PositiveInt
from torch import Tensor, nn

from insm.networks.vgg import SmallVGG
from insm.support import torch_files
from insm.support.errors import UserError
from insm.support.schema import Section, parse

Layer = Literal["fc7", "fc7_pre_relu", "pool5_gap"]


class EmbeddingConfig(Section):
    """phi, the frozen embedding of Eq. 6."""

    objective: Literal["identity", "attributes", "none"] = "identity"
    """Pretraining: tell images apart under augmentation (needs no labels), predict the attributes, or
    none: phi stays as it was drawn."""
    widths: tuple[PositiveInt, ...] = (16, 32, 64)
    """Channels of the VGG-style stages."""
    features: PositiveInt = 64
    """Length of the embedding vector."""
    updates: PositiveInt = 400
    """Optimiser updates."""
    batch: PositiveInt = 64
    """Images per update."""
    lr: PositiveFloat = 1e-3
    """Peak learning rate of Adam (one-cycle schedule)."""
    weights: Path | None = None
    """Published VGG-16 weights (torchvision layout) to use instead of pretraining."""
    layer: Layer = "fc7"
    """Layer of published weights: fc7 after its ReLU or before, or the spatial mean of pool5."""
    normalise: Literal["imagenet", "vggface"] = "imagenet"
    """Input scaling of published weights."""


# Input scaling of published weights: mean and standard deviation of RGB, for values in [0, 255].
NORMALISE = {
    "imagenet": ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375)),
    "vggface": ((129.19, 104.76, 93.59), (1.0, 1.0, 1.0)),
}
VGG_INPUT = 224


class PublishedVGG16(nn.Module):
    """A layer of VGG-16: [B, 3, S, S] in [-1, 1] -> [B, 4096] (fc7) or [B, 512] (pool5), from antialiased 224 px."""

    mean: Tensor
    std: Tensor

    def __init__(self, normalise: str, layer: Layer = "fc7"):
        super().__init__()
        from insm.support.torchvision_import import torchvision  # slow to import, and only needed here

        self.vgg = torchvision.models.vgg16()
        self.vgg.classifier = self.vgg.classifier[: 4 if layer == "fc7_pre_relu" else 5]
        self.layer = layer
        mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in NORMALISE[normalise])
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)

    @property
    def weights(self) -> nn.Module:
        """The part that has weights."""
        return self.vgg

    def forward(self, image: Tensor) -> Tensor:
        image = F.interpolate(image, size=(VGG_INPUT, VGG_INPUT), mode="bilinear", antialias=True)
        image = ((image + 1) * 127.5 - self.mean) / self.std
        return self.vgg.features(image).mean(dim=(2, 3)) if self.layer == "pool5_gap" else self.vgg(image)


class Pretrained(nn.Module):
    """The study's own phi: [B, 3, S, S] in [-1, 1] -> penultimate features [B, F]."""

    def __init__(self, network: SmallVGG):
        super().__init__()
        self.network = network

    @property
    def weights(self) -> nn.Module:
        """The part that has weights."""
        return self.network

    def forward(self, image: Tensor) -> Tensor:
        return self.network.features(image)


def small_vgg(config: EmbeddingConfig, n_attr: int, size: int) -> SmallVGG:
    """The untrained network of the study's own phi.

    Raises:
        UserError: more stages than the images can be halved.
    """
    if size % 2 ** len(config.widths):
        raise UserError(f"key embedding.widths: {len(config.widths)} stages do not fit {size} px images: use fewer")
    return SmallVGG(n_attr, size, config.widths, config.features)


def build(config: EmbeddingConfig, n_attr: int, size: int) -> PublishedVGG16 | Pretrained:
    """phi before it gets its weights; a published network depends on neither number of attributes nor size."""
    if config.weights is not None:
        return PublishedVGG16(config.normalise, config.layer)
    return Pretrained(small_vgg(config, n_attr, size))


def published(config: EmbeddingConfig, key: str = "embedding.weights") -> dict[str, Tensor]:
    """Weights of a published VGG-16 file (torchvision's names), without the last layer; `key` names the file.

    Raises:
        UserError: the file is missing or not a VGG-16 state dict.
    """
    cure = f"key {key} needs a file of torchvision's VGG-16 weights"
    assert config.weights is not None  # asked of published networks only
    state = torch_files.load(config.weights, cure=cure)
    wanted = PublishedVGG16(config.normalise).vgg.state_dict()
    for name, value in wanted.items():
        if name not in state or state[name].shape != value.shape:
            raise UserError(f"{config.weights} lacks {name} of shape {list(value.shape)}: {cure}")
    return {name: state[name] for name in wanted}


def load(path: Path, device: torch.device) -> nn.Module:
    """Open what `insm embed` wrote: frozen, in evaluation mode."""
    content = torch_files.load(path, "config", "state", device=device)
    config: EmbeddingConfig = parse(EmbeddingConfig, content["config"], path)
    phi = build(config, content.get("n_attr", 0), content.get("size", 0))
    phi.weights.load_state_dict(content["state"])
    return phi.to(device).eval().requires_grad_(False)
