"""The attribute classifier that judges edits: ResNet-18 (He et al., CVPR 2016), one logit per attributes."""

from pathlib import Path

import numpy as np
import torch
from pydantic import PositiveFloat, PositiveInt
from torch import Tensor, nn

from insm.data.images import to_tensor
from insm.support import torch_files
from insm.support.schema import Section
from insm.support.torchvision_import import torchvision


class ClassifierConfig(Section):
    """The ResNet-18 that judges edits; it never sees a test image and no method sees it."""

    updates: PositiveInt = 600
    """Optimiser updates."""
    batch: PositiveInt = 64
    """Images per update."""
    lr: PositiveFloat = 2e-3
    """Peak learning rate of Adam (one-cycle schedule)."""


EVALUATION_BATCH = 256


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

    def forward(self, image: Tensor) -> Tensor:
        return self.resnet(image)

    @torch.inference_mode()
    def judge(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Images uint8 [N, S, S, 3] -> (logits [N, A] float32, features [N, 512] float64)."""
        device = next(self.parameters()).device
        logits, features = [], []
        for start in range(0, len(images), EVALUATION_BATCH):
            feature = self.features(to_tensor(images[start : start + EVALUATION_BATCH], device))
            logits.append(self.resnet.fc(feature).cpu().numpy())
            features.append(feature.double().cpu().numpy())
        return np.concatenate(logits), np.concatenate(features)


def load(path: Path, device: torch.device) -> Classifier:
    """Open what `insm classify` wrote, in evaluation mode."""
    content = torch_files.load(path, "n_attr", "state", device=device)
    network = Classifier(content["n_attr"])
    network.load_state_dict(content["state"])
    return network.to(device).eval()
