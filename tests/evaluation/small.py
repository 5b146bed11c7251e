"""Images with their attributes written in their pixels, and networks that read them: every number is known."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import torch

from insm.data.prepared_split import PreparedSplit
from insm.evaluation.networks import EvaluationNetworks
from insm.evaluation.scopes import COLUMNS

ALL = ("accuracy", "preservation", "frechet", "content", "identity")
THREE = SimpleNamespace(
    attributes=("Black", "Blond", "Smiling"), exclusive=(("Black", "Blond"),),
    exactly_one=(),
    groups={"Hair": ("Black", "Blond"), "Smile": ("Smiling",)}, paired=False, counterfactual=lambda *_: None,
)  # fmt: skip
ONE = SimpleNamespace(
    attributes=("Photo",),
    exclusive=(),
    exactly_one=(),
    groups={"Domain": ("Photo",)},
    paired=True,
    counterfactual=lambda *_: None,
)


class Reader(torch.nn.Module):
    """Finds attribute k in pixel (0, k), and is quite sure of it; its features are the first pixels' values."""

    def __init__(self, n_attr: int):
        super().__init__()
        self.n_attr = n_attr
        self.none = torch.nn.Parameter(torch.zeros(1))

    def classify(self, image):
        logits = torch.where(image[:, 0, 0, : self.n_attr] > 0, 2.0, -2.0).double()
        return logits, ((image[:, 0, 1, :4] + 1) * 127.5).round()


class Colours(torch.nn.Module):
    """An identity encoder that sees the colours of the lower half."""

    def __init__(self):
        super().__init__()
        self.none = torch.nn.Parameter(torch.zeros(1))

    def forward(self, image):
        return image[:, :, 4:].flatten(1) + self.none


NETWORKS = {n_attr: EvaluationNetworks(Reader(n_attr), identity_encoder=Colours()) for n_attr in (1, 3)}


def image(labels: np.ndarray, texture: np.ndarray) -> np.ndarray:
    """Labels [N, A] and textures [N, 8, 8, 3] -> images that `Reader` reads."""
    images = texture.copy()
    images[:, 0, : labels.shape[1]] = labels[..., None] * 255
    return images


def make(dataset, labels, read=None, seed=0) -> PreparedSplit:
    """A prepared split with the labels `attributes` and images that show the attributes `read`."""
    texture = np.random.default_rng(seed).integers(0, 256, (len(labels), 8, 8, 3), dtype=np.uint8)
    return PreparedSplit(
        image(labels if read is None else read, texture), pd.DataFrame(labels, columns=dataset.attributes)
    )


def numbers(table: pd.DataFrame, metric: str) -> dict[str, float]:
    assert list(table) == COLUMNS
    return table[table.metric == metric].set_index("scope").value.to_dict()
