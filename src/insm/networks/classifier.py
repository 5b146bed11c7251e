"""The attribute classifier of the evaluation: ResNet-18 (He et al., CVPR 2016), one logit per attribute."""

from pathlib import Path

import torch
from pydantic import PositiveFloat, PositiveInt
from torch import Tensor, nn

from insm.support import torch_files
from insm.support.light_torchvision import torchvision
from insm.support.schema import Section


class ClassifierConfig(Section):
    """The ResNet-18 that classifies edits; it is trained without test images, and no method uses it."""

    updates: PositiveInt = 600
    """Optimiser updates."""
    batch: PositiveInt = 64
    """Images per update."""
    lr: PositiveFloat = 2e-3
    """Peak learning rate of Adam (one-cycle schedule)."""


class Classifier(nn.Module):
    """ResNet-18 for A attributes (11,181,642 parameters at A = 10); images [B, 3, S, S] in [-1, 1]."""

    def __init__(self, n_attr: int):
        super().__init__()
        self.resnet = torchvision.models.resnet18(num_classes=n_attr)

    def features(self, image: Tensor) -> Tensor:
        """Penultimate features [B, 512]."""
        head, self.resnet.fc = self.resnet.fc, nn.Identity()
        try:
            return self.resnet(image)
        finally:
            self.resnet.fc = head

    def classify(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Logits [B, A] and penultimate features [B, 512] in one pass."""
        features = self.features(image)
        return self.resnet.fc(features), features

    def forward(self, image: Tensor) -> Tensor:
        return self.resnet(image)


def load(path: Path, device: torch.device) -> Classifier:
    """Open what `insm job classifier` wrote, in evaluation mode."""
    content = torch_files.load(path, "n_attr", "state", device=device)
    network = Classifier(content["n_attr"])
    network.load_state_dict(content["state"])
    return network.to(device).eval()
