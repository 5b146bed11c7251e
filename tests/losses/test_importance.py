"""The importance weights of Eq. 5-7 against hand-computed values and float64 oracles."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from insm.losses.importance import delta_l, distance_matrix, importance, kappa, optimum
from insm.support.runtime import generator


def sphere(n: int, d: int, seed: int = 0) -> torch.Tensor:
    return F.normalize(torch.randn(n, d, generator=generator(seed), dtype=torch.float64))


def simplex(n: int) -> torch.Tensor:
    """n unit vectors with all pairwise distances equal: centred basis vectors."""
    return F.normalize(torch.eye(n, dtype=torch.float64) - 1 / n)


# Eq. 6: distances and their gap.


def test_distance_matrix_is_euclidean():
    u, v = sphere(4, 5, 0), sphere(4, 5, 1)
    oracle = [[math.dist(a, b) for b in v.tolist()] for a in u.tolist()]
    assert np.allclose(distance_matrix(u, v), oracle, atol=1e-12)


def test_delta_l_by_hand():
    e = torch.tensor([[1.0, 5.0], [3.0, 2.0]])
    assert delta_l(e, "sum") == (8.0, 3.0)  # permuted 5 + 3, relative 1 + 2
    assert delta_l(e, "mean") == (4.0, 1.5)
    permuted, relative = delta_l(e, "sum")
    assert permuted - relative == e.sum() - 2 * e.trace()  # the printed right-hand side


def test_optimum_values():
    assert optimum("two_r", 1.5, 16) == 3.0
    reachable = {2: 2.0, 4: 1.6330, 8: 1.5119, 16: 1.4606}
    for n, value in reachable.items():
        assert optimum("simplex", 1.0, n) == pytest.approx(value, abs=1e-4)


@pytest.mark.parametrize("n", [2, 5, 16])
def test_simplex_reaches_its_optimum_and_nothing_beats_it(n):
    u = simplex(n)
    permuted, relative = delta_l(distance_matrix(u, u))
    assert float(permuted - relative) == pytest.approx(optimum("simplex", 1.0, n), abs=1e-6)
    for seed in range(5):
        other = delta_l(distance_matrix(sphere(n, n, seed), sphere(n, n, seed)))
        assert other[0] - other[1] <= optimum("simplex", 1.0, n) + 1e-9


# Eq. 5 and 7: scale and weight.


def test_kappa_is_one_at_the_simplex_and_nine_for_equal_embeddings():
    u = simplex(8)
    best = delta_l(distance_matrix(u, u))
    assert float(kappa(best[0] - best[1], optimum("simplex", 1.0, 8))) == pytest.approx(1.0, abs=1e-6)
    same = u[:1].expand(8, -1)
    flat = delta_l(distance_matrix(same, same))
    assert float(kappa(flat[0] - flat[1], optimum("two_r", 1.0, 8))) == pytest.approx(9.0)


def test_importance_forms():
    d = torch.tensor([-20.0, -1.0, 0.0, 2.0, 20.0])
    clamp = d.double().clamp(-10, 10).exp()
    assert torch.allclose(importance(d, "literal").double(), clamp, rtol=1e-6)
    assert torch.allclose(importance(d, "clipped", 3.0).double(), d.double().clamp(-3, 3).exp(), rtol=1e-6)
    normal = importance(d, "selfnorm").double()
    assert torch.allclose(normal, 5 * d.double().exp() / d.double().exp().sum(), rtol=1e-6)
    assert normal.mean() == pytest.approx(1.0, abs=1e-6)
    assert normal.max() <= len(d)


def test_importance_recovers_the_density_ratio():
    """Eq. 3-5: with the optimal D of two known densities, e^d is p_data / p_g and averages to 1 under p_g."""
    x = np.random.default_rng(0).normal(0, 1, 400_000)  # p_g = N(0, 1), p_data = N(0.5, 1)
    log_ratio = 0.5 * x - 0.125
    best = 1 / (1 + np.exp(-log_ratio))
    assert np.allclose(best, np.exp(-((x - 0.5) ** 2) / 2) / (np.exp(-((x - 0.5) ** 2) / 2) + np.exp(-(x**2) / 2)))
    assert importance(torch.from_numpy(log_ratio), "literal").mean() == pytest.approx(1.0, abs=0.01)
