"""Batches for training: a pure function of (prepared split, settings, seed, step), so a resumed run repeats them."""

import functools
from collections.abc import Callable
from types import MappingProxyType

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from insm.data.batch import Batch
from insm.data.dataset import Dataset
from insm.data.images import scaled, to_tensor
from insm.data.prepared_split import PreparedSplit
from insm.data.settings import Sampling
from insm.data.target_labels import TARGETS
from insm.support.errors import UserError
from insm.support.runtime import generator

Draws = Callable[[Tensor, Tensor, int, torch.Generator], dict[str, Tensor]]  # as `Method.draws`
JITTER = 286 / 256  # enlargement before a random crop


class Sampler:
    """Draws training batches in a seeded random order.

    sampling "epochs" draws every image once per epoch. "balanced" does so in each domain of a two-domain task: half
    of a batch has the first attribute set. "rare" draws with replacement, an image with a probability in proportion to
    the inverse frequency of the rarest value that it shows: spectacles, on 5 % of the faces, appear on about 17 %.

    `draws` makes what else is random in a step, from its labels and its generator on the CPU (`Method.draws`). With
    `resident` all images are kept on the device, and a batch is taken from there.
    """

    def __init__(
        self,
        split: PreparedSplit,
        dataset: Dataset,
        *,
        batch: int,
        seed: int,
        flip: bool = False,
        jitter: bool = False,
        sampling: Sampling = "epochs",
        target: str = "perm",
        draws: Draws | None = None,
        device: torch.device | str = "cpu",
        resident: bool = False,
    ):
        self.resident = torch.from_numpy(np.ascontiguousarray(split.images)).to(device) if resident else None
        self.split, self.dataset, self.seed, self.flip, self.device = split, dataset, seed, flip, device
        self.jitter, self.large = jitter, round(split.size * JITTER)
        self.draw_target, self.draws = TARGETS[target], draws
        self.labels = split.labels(dataset.attributes)
        everything = np.arange(len(split))
        first = self.labels[:, 0]
        self.strata = (
            [everything[first == attribute] for attribute in (0, 1)] if sampling == "balanced" else [everything]
        )
        self.count = batch // len(self.strata)
        if batch % len(self.strata):
            raise UserError(f"key training.batch: {batch} cannot be split over two domains: use an even number")
        if any(len(stratum) < self.count for stratum in self.strata):
            raise UserError(
                f"a batch of {batch} is more than the images of {split.name} can fill: give key batch a smaller value"
            )
        self.probabilities = rarity(self.labels) if sampling == "rare" else None
        self.order = functools.lru_cache(maxsize=2 * len(self.strata))(self._order)

    def _order(self, stratum: int, epoch: int) -> np.ndarray:
        rng = np.random.default_rng([self.seed, stratum, epoch])
        return rng.permutation(self.strata[stratum])

    def rows(self, step: int) -> np.ndarray:
        """Row numbers [B] of the batch of one step (counted from 0); an epoch's last, incomplete batch is dropped."""
        if self.probabilities is not None:
            return np.random.default_rng([self.seed, step]).choice(len(self.split), self.count, p=self.probabilities)
        rows = []
        for k, stratum in enumerate(self.strata):
            epoch, start = divmod(step, len(stratum) // self.count)
            rows.append(self.order(k, epoch)[start * self.count : (start + 1) * self.count])
        return np.concatenate(rows)

    def __call__(self, step: int) -> Batch:
        """The batch of one step."""
        rows = self.rows(step)
        rng = generator(self.seed, step)
        mirror = torch.rand(len(rows), generator=rng).to(self.device) < (0.5 if self.flip else 0.0)
        corner = torch.randint(self.large - self.split.size + 1, (len(rows), 2), generator=rng) if self.jitter else None
        images = functools.partial(self._images, mirror=mirror, corner=corner)
        source = torch.from_numpy(self.labels[rows]).float()
        target = self.draw_target(source, rng)
        draws = self.draws(source, target, step, rng) if self.draws else {}
        partner = images(self.split.table["pair"].to_numpy()[rows]) if self.dataset.paired else None
        source, target = source.to(self.device), target.to(self.device)
        moved = MappingProxyType({name: value.to(self.device) for name, value in draws.items()})
        return Batch(images(rows), source, target, partner, moved, step)

    def _images(self, rows: np.ndarray, mirror: Tensor, corner: Tensor | None) -> Tensor:
        if self.resident is None:
            drawn = to_tensor(self.split.images[rows], self.device)
        else:
            drawn = scaled(self.resident[torch.from_numpy(rows).to(self.device)])
        size = self.split.size
        if corner is not None:
            large = enlarged(drawn, self.large)
            crops = [x[:, i : i + size, j : j + size] for x, (i, j) in zip(large, corner.tolist(), strict=True)]
            drawn = torch.stack(crops)
        return torch.where(mirror.view(-1, 1, 1, 1), drawn.flip(3), drawn)


def fits(split: PreparedSplit, device: torch.device | str) -> bool:
    """Whether the images of a split take at most a quarter of what is free on a GPU; never on a CPU."""
    if torch.device(device).type != "cuda":
        return False
    return split.images.nbytes <= torch.cuda.mem_get_info(device)[0] / 4


def enlarged(images: Tensor, size: int) -> Tensor:
    """Images [B, 3, S, S] in [-1, 1] resized to `size` px as by Pillow: rows, then columns, each rounded to 256 levels.

    Bicubic with a = -0.5: torch has that filter where it antialiases, which changes nothing else when images grow.
    """
    levels = ((images.double() + 1) * 127.5).round()
    for shape in ((images.shape[2], size), (size, size)):
        levels = F.interpolate(levels, size=shape, mode="bicubic", antialias=True)
        levels = (levels + 0.5).floor().clamp(0, 255)  # halves go up
    return levels.to(images) / 127.5 - 1


def rarity(labels: np.ndarray) -> np.ndarray:
    """Labels [N, A] -> probabilities [N], proportional to max_k 1 / P(attribute k has the value it has in row n)."""
    fraction = labels.mean(axis=0)
    weight = 1 / np.where(labels == 1, fraction, 1 - fraction).min(axis=1)
    return weight / weight.sum()
