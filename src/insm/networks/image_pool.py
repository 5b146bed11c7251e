"""A pool of earlier fakes for the discriminator (Shrivastava et al., CVPR 2017; Zhu et al., ICCV 2017)."""

from typing import NamedTuple

import torch
from torch import Tensor, nn


class Exchange(NamedTuple):
    """Where images come from: places in the pool's `capacity` images followed by the `n` new fakes."""

    shown: Tensor  # int64 [n]: what the discriminator gets in place of each new fake
    kept: Tensor  # int64 [capacity]: what the pool holds afterwards


def draw_exchange(capacity: int, seen: int, n: int, rng: torch.Generator) -> Exchange:
    """Decide at random what happens to `n` new fakes, one after the other, when the pool has seen `seen` before.

    Until the pool is full a fake is kept and passed on. Then, with probability 1/2, it takes the place of a random one
    of the pool, which is passed on in its stead; else it is passed on and not kept.
    """
    shown, kept = list(range(capacity, capacity + n)), list(range(capacity))
    for k in range(n if capacity else 0):
        fake = capacity + k
        if seen + k < capacity:
            kept[seen + k] = fake
        elif torch.rand((), generator=rng) < 0.5:
            place = int(torch.randint(capacity, (), generator=rng))
            shown[k], kept[place] = kept[place], fake
    return Exchange(torch.tensor(shown), torch.tensor(kept, dtype=torch.int64))


class ImagePool(nn.Module):
    """Against oscillation, shows a discriminator earlier fakes in place of half of the new ones.

    Its content is a buffer, so that a checkpoint holds it and a resumed run continues with the same images. A finished
    model is saved without pools: a state that lacks this one leaves it as it is.

    Args:
        capacity: images to keep; 0 passes everything through.
        size: S, width and height of the images, pixels.
    """

    images: Tensor

    def __init__(self, capacity: int, size: int):
        super().__init__()
        self.capacity = capacity
        self.register_buffer("images", torch.zeros(capacity, 3, size, size))
        self.register_load_state_dict_pre_hook(_keep_what_is_missing)

    @torch.no_grad()
    def exchange(self, fakes: Tensor, exchange: Exchange) -> Tensor:
        """Fakes [n, 3, S, S] -> as many images without gradient, new or earlier, as `draw_exchange` decided."""
        images = torch.cat([self.images, fakes.detach()])
        self.images.copy_(images[exchange.kept])
        return images[exchange.shown]


def _keep_what_is_missing(pool: ImagePool, state: dict[str, Tensor], prefix: str, *_) -> None:
    for name, buffer in pool.named_buffers():
        state.setdefault(prefix + name, buffer)
