"""Shares, agreement and position bias against published or analytic values."""

import numpy as np
import pandas as pd
import pytest

from insm.voting.analysis import fleiss_kappa, position_bias, shares
from insm.voting.study import Contender, Key

# Ten subjects, fourteen raters, five categories: the worked example of the English Wikipedia's "Fleiss' kappa".
EXAMPLE = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip


def table(rows):
    columns = ["rater", "image", "method", "place"]
    return pd.DataFrame(rows, columns=columns).assign(attribute="Summer", value=1).astype({"place": "Int64"})


def key(*methods):
    contenders = [Contender(method=name, label=name.upper(), variants={0: name, 1: name}) for name in methods]
    return Key(id="x", results="r", task="t", seed=0, contenders=contenders, items={}, attention={})


def test_kappa_of_the_published_example():
    assert fleiss_kappa(np.array(EXAMPLE)) == pytest.approx(0.20993, abs=1e-5)


def test_kappa_is_one_for_full_agreement_and_negative_below_chance():
    assert fleiss_kappa(np.array([[3, 0], [0, 3], [3, 0]])) == 1
    assert fleiss_kappa(np.array([[1, 1], [1, 1]])) == -1


def test_kappa_of_random_ratings_is_about_nought():
    ratings = np.random.default_rng(0).multinomial(5, [0.1, 0.2, 0.3, 0.4], size=5000)
    assert abs(fleiss_kappa(ratings)) < 0.02


def test_kappa_counts_items_with_two_ratings_only():
    assert fleiss_kappa(np.array([*EXAMPLE, [1, 0, 0, 0, 0]])) == fleiss_kappa(np.array(EXAMPLE))
    assert np.isnan(fleiss_kappa(np.array([[1, 0], [0, 1]])))
    assert np.isnan(fleiss_kappa(np.array([[2, 0], [2, 0]])))  # one category: chance alone agrees fully


def test_position_bias_is_the_chi_squared_test():
    votes = table([(k, k, "a", place) for k, place in enumerate([1] * 10 + [2] * 20 + [3] * 30)])
    counts, p_value = position_bias(votes, 3)
    assert counts == [10, 20, 30]
    assert p_value == pytest.approx(np.exp(-10 / 2))  # 100/20 + 0 + 100/20 = 10; two degrees of freedom


def test_shares_count_each_method_and_leave_cannot_tell_out():
    votes = table([(1, 0, "a", 1), (2, 0, "a", 1), (1, 1, "b", 2), (2, 1, "a", 1), (1, 2, None, None)])
    rows = shares(votes, key("b", "a", "c"), excluded=1).set_index("method")
    assert rows.votes.to_dict() == {"b": 1, "a": 3, "c": 0}
    assert rows.share.to_dict() == {"b": 0.25, "a": 0.75, "c": 0.0}
    # Wilson's interval of 3 of 4 (z = 1.96): (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)
    z2 = 1.959964**2
    middle, half = 0.75 + z2 / 8, np.sqrt(z2 * (0.75 * 0.25 / 4 + z2 / 64))
    assert rows.low["a"] == pytest.approx((middle - half) / (1 + z2 / 4), abs=1e-6)
    assert rows.high["a"] == pytest.approx((middle + half) / (1 + z2 / 4), abs=1e-6)
    assert rows[["comparisons", "raters", "excluded", "cannot_tell"]].iloc[0].tolist() == [3, 2, 1, 1]
    assert rows[["place_1", "place_2", "place_3"]].iloc[0].tolist() == [3, 1, 0]


def test_shares_where_nobody_could_tell():
    rows = shares(table([(1, 0, None, None), (2, 0, None, None)]), key("a", "b"))
    assert rows.votes.tolist() == [0, 0] and rows.share.isna().all() and rows.cannot_tell.tolist() == [2, 2]
