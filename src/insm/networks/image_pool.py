"""A pool of earlier fakes for the discriminator (Shrivastava et al., CVPR 2017; Zhu et al., ICCV 2017)."""

import torch
from torch import Tensor, nn


class ImagePool(nn.Module):
    """Against oscillation, shows a discriminator earlier fakes in place of half of the new ones.

    Its content is in buffers, so that a checkpoint holds it and a resumed run continues with the same images. A
    finished model is saved without pools: a state that lacks this one leaves it as it is.

    Args:
        capacity: images to keep; 0 passes everything through.
        size: S, width and height of the images, pixels.
    """

    def __init__(self, capacity: int, size: int):
        super().__init__()
        self.capacity = capacity
        self.register_buffer("images", torch.zeros(capacity, 3, size, size))
        self.register_buffer("count", torch.tensor(0))  # a constant: known to fake tensors too
        self.register_load_state_dict_pre_hook(_keep_what_is_missing)

    @torch.no_grad()
    def exchange(self, fakes: Tensor, rng: torch.Generator) -> Tensor:
        """Fakes [B, 3, S, S] -> as many images without gradient, one after the other.

        Until the pool is full a fake is kept and passed on. Then, with probability 1/2, it takes the place of a random
        image of the pool, which is passed on in its stead; else it is passed on and not kept.
        """
        shown, count = fakes.detach().clone(), int(self.count)
        for k in range(len(shown) if self.capacity else 0):
            if count < self.capacity:
                self.images[count] = shown[k]
                count += 1
            elif torch.rand((), generator=rng) < 0.5:
                place = int(torch.randint(self.capacity, (), generator=rng))
                earlier = self.images[place].clone()
                self.images[place] = shown[k]
                shown[k] = earlier
        self.count.fill_(count)
        return shown


def _keep_what_is_missing(pool: ImagePool, state: dict[str, Tensor], prefix: str, *_) -> None:
    for name, buffer in pool.named_buffers():
        state.setdefault(prefix + name, buffer)
