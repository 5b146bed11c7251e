"""Adversarial Importance Weighting (INIT, Sec. 3.1) as pure functions: Eq. 5-7 of Cao et al., ECCV 2020."""

import math
from typing import Literal

from torch import Tensor

from insm.support.shapes import Float


def distance_matrix(source: Float[Tensor, "B E"], fake: Float[Tensor, "B E"]) -> Float[Tensor, "B B"]:
    """Eq. 6: e_ij = |phi(x^s_i) - phi(x^t_j)|, embeddings [B, E] -> [B, B]."""
    return (source[:, None] - fake[None]).norm(dim=-1)


def delta_l(
    e: Float[Tensor, "B B"], reduce: Literal["mean", "sum"] = "mean"
) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
    """Eq. 6: distances [B, B] -> (Delta l_n over permuted pairs i != j, Delta l_p over relative pairs i = i)."""
    n = len(e)
    relative = e.diagonal().sum()
    permuted = e.sum() - relative
    return (permuted, relative) if reduce == "sum" else (permuted / (n * (n - 1)), relative / n)


def optimum(kind: Literal["two_r", "simplex"], r: float, n: int) -> float:
    """Delta l*: the paper's 2r, or r sqrt(2n/(n-1)), the largest value that n points on a sphere can reach."""
    return 2 * r if kind == "two_r" else r * math.sqrt(2 * n / (n - 1))


def kappa(gap: Float[Tensor, ""], best: float) -> Float[Tensor, ""]:
    """Scale of Eq. 7: (1 + Delta l* - Delta l)^2, one number a batch."""
    return (1 + best - gap) ** 2


def importance(
    d: Float[Tensor, " B"], form: Literal["literal", "clipped", "selfnorm"], clip: float = 3.0
) -> Float[Tensor, " B"]:
    """The sample weight e^d of Eq. 5, from 1-hop logits d [B] -> [B]; "selfnorm" has mean 1 and maximum B."""
    if form == "selfnorm":
        return len(d) * d.float().softmax(dim=0)
    bound = 10.0 if form == "literal" else clip
    return d.float().clamp(-bound, bound).exp()
