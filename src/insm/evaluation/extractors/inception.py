"""Features of FID and KID: Inception-v3 with the weights of its graph of 2015, `inception:<resize>[:<file>]`."""

from pathlib import Path

import pooch
import torch

from insm.data.download.source import Source
from insm.evaluation.extractor import Extractor as BaseExtractor
from insm.evaluation.extractor import Features, batched, names_of
from insm.evaluation.resize import RESIZES
from insm.networks.inception import features_of, inception
from insm.support import torch_files
from insm.support.errors import UserError, suggest

# The same file at both places. Neither publishes more of its SHA-256 than the eight digits in its name, which PyTorch
# compares; the whole sum and the size are those which users of either recorded after that comparison.
WEIGHTS = Source(
    "pt_inception-2015-12-05-6726825d.pth",
    urls=(
        "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/pt_inception-2015-12-05-6726825d.pth",
        "https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/weights-inception-2015-12-05-6726825d.pth",
    ),
    checksum="sha256:6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
    size=95_628_359,
)
FOLDER = Path("data/weights/inception")
CURE = f"fetch {WEIGHTS.name} with `insm weights inception {FOLDER}`, or name another file of such weights"


class Extractor(BaseExtractor):
    """Images of any size -> [N, 2048], the mean over the last map.

    Distances are FID and KID, with the resize in their names, only of the published weights; of other weights they
    carry the file's name.
    """

    sources = (WEIGHTS,)

    def __init__(self, choice: str):
        self.mode, _, path = choice.partition(":")
        if self.mode not in RESIZES:
            raise UserError(
                f"no resize {self.mode!r} for Inception: choose from {', '.join(f'inception:{k}' for k in RESIZES)}"
                f"{suggest(self.mode, list(RESIZES))}"
            )
        self.path = Path(path) if path else FOLDER / WEIGHTS.name
        self.files = (self.path,)

    def open(self, device: torch.device) -> Features:
        state, network = torch_files.load(self.path, cure=CURE), inception()
        try:
            network.load_state_dict(state)
        except RuntimeError:  # names or shapes
            raise UserError(f"{self.path} holds the weights of another network: {CURE}") from None
        network, resize = features_of(network).to(device), RESIZES[self.mode]

        def extract(images):
            return batched(images, lambda batch: network(resize(batch, device)))

        published = f"sha256:{pooch.file_hash(str(self.path))}" == WEIGHTS.checksum
        names = {"frechet": "fid", "kernel": "kid"} if published else names_of(self.path.stem)
        return Features(extract, {kind: f"{name}_{self.mode}" for kind, name in names.items()})
