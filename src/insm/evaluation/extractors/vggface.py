"""Features of a face network: VGG-16 with weights such as VGGFace's (Parkhi et al., BMVC 2015), `vggface:<file>`."""

from pathlib import Path

import torch

from insm.data.images import to_tensor
from insm.evaluation.extractor import Extractor as BaseExtractor
from insm.evaluation.extractor import Features, batched, names_of
from insm.networks.embedding import EmbeddingConfig, PublishedVGG16, published
from insm.support.errors import UserError


class Extractor(BaseExtractor):
    """Images of any size -> [N, 4096], fc7 after its ReLU, of a file of torchvision's VGG-16 names.

    Nobody publishes one that could be fetched: the authors' file is for other software, and has to be converted.
    """

    def __init__(self, choice: str):
        if not choice:
            raise UserError("vggface needs the file of its weights: vggface:<file>")
        self.config = EmbeddingConfig(weights=Path(choice), normalise="vggface")
        self.files = (Path(choice),)

    def open(self, device: torch.device) -> Features:
        network = PublishedVGG16(self.config.normalise, self.config.layer)
        network.vgg.load_state_dict(published(self.config, key="features"))
        network = network.to(device).eval()
        return Features(
            lambda images: batched(images, lambda batch: network(to_tensor(batch, device))), names_of("vggface")
        )
