"""LPIPS (Zhang et al., CVPR 2018) by its authors' package, with the backbone's weights from a file."""

from pathlib import Path

import numpy as np
import torch

from insm.data.images import batches, to_tensor
from insm.support import torch_files
from insm.support.errors import UserError

BATCH = 64
# Shape of the first layer's weights -> the backbone's name.
BACKBONES = {(64, 3, 11, 11): "alex", (64, 3, 3, 3): "vgg"}


class Perceptual:
    """LPIPS version 0.1 on torchvision's AlexNet or VGG-16, whichever the file `weights` holds.

    Raises:
        UserError: the file is missing or of another network.
    """

    def __init__(self, weights: Path, device: torch.device):
        cure = "key lpips needs a file of torchvision's AlexNet or VGG-16 weights"
        state = torch_files.load(weights, "features.0.weight", cure=cure)
        self.device, self.backbone = device, BACKBONES.get(tuple(state["features.0.weight"].shape))
        if self.backbone is None:
            raise UserError(f"{weights} holds another network: {cure}")
        from insm.support.light_torchvision import torchvision  # noqa: F401, I001 (lpips imports it)
        import lpips  # slow to import, and only needed here

        self.network = lpips.LPIPS(net=self.backbone, pnet_rand=True, verbose=False).to(device)
        own = self.network.net.state_dict()  # slice<k>.<layer>.weight of features.<layer>.weight
        names = {name: f"features.{name.split('.', 1)[1]}" for name in own}
        for name, theirs in names.items():
            if theirs not in state or state[theirs].shape != own[name].shape:
                raise UserError(f"{weights} lacks {theirs} of shape {list(own[name].shape)}: {cure}")
        self.network.net.load_state_dict({name: state[theirs] for name, theirs in names.items()})

    @torch.inference_mode()
    def __call__(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Images uint8 [N, S, S, 3], S >= 32 -> distances float64 [N], at least 0; 0 for equal images."""
        parts = []
        for pair in batches(a, b, size=BATCH):
            one, two = (to_tensor(images, self.device) for images in pair)
            parts.append(self.network(one, two).flatten().double().cpu())
        return torch.cat(parts).numpy()
