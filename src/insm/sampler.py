"""Batches for training: a pure function of (pack, settings, seed, step), so resuming draws exactly the same ones."""

import functools
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from insm.batch import Batch
from insm.datasets.base import Dataset
from insm.errors import UserError
from insm.labels import TARGETS
from insm.pack import Pack
from insm.runtime import generator, seed_sequence

JITTER = 286 / 256  # enlargement before a random crop
Sampling = Literal["epochs", "balanced", "rare"]


def to_tensor(images: np.ndarray, device: torch.device | str = "cpu") -> Tensor:
    """uint8 [N, S, S, 3] -> float [N, 3, S, S] in [-1, 1]."""
    return torch.from_numpy(np.array(images)).to(device).permute(0, 3, 1, 2).float() / 127.5 - 1


def to_uint8(images: Tensor) -> np.ndarray:
    """float [N, 3, S, S], clipped to [-1, 1] -> uint8 [N, S, S, 3]."""
    scaled = ((images.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return scaled.permute(0, 2, 3, 1).cpu().numpy()


class Sampler:
    """Draws training batches in a seeded random order.

    sampling "epochs" draws every picture once per epoch. "balanced" does so in each domain of a two-domain task: half
    of a batch has the first bit set. "rare" draws with replacement, a picture with a probability proportional to the
    inverse frequency of the rarest value that it shows: spectacles, on 5 % of the faces, appear on about 17 %.
    """

    def __init__(
        self,
        pack: Pack,
        dataset: Dataset,
        *,
        batch: int,
        seed: int,
        flip: bool = False,
        jitter: bool = False,
        sampling: Sampling = "epochs",
        target: str = "perm",
        device: torch.device | str = "cpu",
    ):
        self.pack, self.dataset, self.seed, self.flip, self.device = pack, dataset, seed, flip, device
        self.jitter, self.large = jitter, round(pack.size * JITTER)
        self.draw_target = TARGETS[target]
        self.labels = pack.labels(dataset.attributes)
        everything = np.arange(len(pack))
        first = self.labels[:, 0]
        self.strata = [everything[first == bit] for bit in (0, 1)] if sampling == "balanced" else [everything]
        self.share = batch // len(self.strata)
        if batch % len(self.strata):
            raise UserError(f"key training.batch: {batch} cannot be split over two domains: use an even number")
        if any(len(stratum) < self.share for stratum in self.strata):
            raise UserError(f"key batch: {batch} is more than the pictures of {pack.name} can fill: use a smaller one")
        self.chances = rarity(self.labels) if sampling == "rare" else None
        self._order = functools.lru_cache(maxsize=2 * len(self.strata))(self._order)

    def _order(self, stratum: int, epoch: int) -> np.ndarray:
        rng = np.random.default_rng([self.seed, stratum, epoch])
        return rng.permutation(self.strata[stratum])

    def rows(self, step: int) -> np.ndarray:
        """Row numbers [B] of the batch of one step (counted from 0); an epoch's last, incomplete batch is dropped."""
        if self.chances is not None:
            return np.random.default_rng([self.seed, step]).choice(len(self.pack), self.share, p=self.chances)
        rows = []
        for k, stratum in enumerate(self.strata):
            epoch, start = divmod(step, len(stratum) // self.share)
            rows.append(self._order(k, epoch)[start * self.share : (start + 1) * self.share])
        return np.concatenate(rows)

    def __call__(self, step: int) -> Batch:
        """The batch of one step."""
        rows = self.rows(step)
        rng = generator(self.seed, step)
        mirror = torch.rand(len(rows), generator=rng).to(self.device) < (0.5 if self.flip else 0.0)
        corner = torch.randint(self.large - self.pack.size + 1, (len(rows), 2), generator=rng) if self.jitter else None
        pictures = functools.partial(self._pictures, mirror=mirror, corner=corner)
        source = torch.from_numpy(self.labels[rows]).float().to(self.device)
        partner = pictures(self.pack.table["pair"].to_numpy()[rows]) if self.dataset.paired else None
        return Batch(pictures(rows), source, self.draw_target(source, rng), partner, rng, step)

    def _pictures(self, rows: np.ndarray, mirror: Tensor, corner: Tensor | None) -> Tensor:
        images, size = to_tensor(self.pack.images[rows], self.device), self.pack.size
        if corner is not None:
            large = F.interpolate(images, size=(self.large, self.large), mode="bicubic").clamp(-1, 1)
            crops = [x[:, i : i + size, j : j + size] for x, (i, j) in zip(large, corner.tolist(), strict=True)]
            images = torch.stack(crops)
        return torch.where(mirror.view(-1, 1, 1, 1), images.flip(3), images)


def rarity(labels: np.ndarray) -> np.ndarray:
    """Bits [N, A] -> probabilities [N], proportional to max_k 1 / P(bit k has the value it has in row n)."""
    share = labels.mean(axis=0)
    weight = 1 / np.where(labels == 1, share, 1 - share).min(axis=1)
    return weight / weight.sum()


def initial_seed(seed: int) -> int:
    """Seed of the networks' initial weights for a run."""
    return seed_sequence(seed, 2**31)
