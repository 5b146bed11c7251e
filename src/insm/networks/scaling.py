"""How networks designed for 128 px and more shrink with smaller images."""

import math

FULL_SIZE = 128  # px, the smallest images that the published networks were designed for


def levels(size: int, full: int) -> int:
    """Number of stride-2 levels at `size` px of a network that has `full` of them at 128 px.

    One fewer for every halving below 128 px (rounded up), so the coarsest map keeps the size that it has at 128 px:
    5 levels end in 4 x 4 there, and so do 3 at 32 px. Never more than `full`, as in the released networks, whose
    coarsest map grows with larger images; never fewer than 1.
    """
    halvings = max(0, math.ceil(math.log2(FULL_SIZE / size)))
    return max(1, full - halvings)
