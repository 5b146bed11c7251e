"""Votes beside the paper's: those of people, or a word that there are none."""

import numpy as np
import pandas as pd
import pytest

from insm.reporting.tables import write_table
from insm.reporting.votes import NONE, vote_facts, vote_rows
from insm.voting.analysis import shares
from insm.voting.study import Contender, Key
from tests.voting.example import PAPER, make_results


@pytest.fixture
def results(tmp_path):
    return str(make_results(tmp_path)[0])


def test_until_people_vote_the_row_says_so(results):
    rows = vote_rows(results, "vistas", str(PAPER))
    assert list(rows) == ["CycleGAN", "StarGAN", "STGAN", "INIT"]
    assert rows.iloc[0].tolist() == [NONE] * 4
    assert rows.iloc[1].tolist() == ["3.73", "11.07", "21.52", "63.68"]
    assert vote_facts(results, "vistas").startswith("No votes collected on vistas")


def test_votes_stand_beside_the_paper_s(results, tmp_path):
    names = ["CycleGAN", "StarGAN", "STGAN", "INIT"]
    contenders = [Contender(method=name.lower(), label=name, variants={0: "x", 1: "y"}) for name in names]
    key = Key(id="", results="", task="vistas", seed=0, contenders=contenders, items={}, attention={})
    votes = pd.DataFrame({"rater": np.repeat([1, 2], 10), "image": [*range(10)] * 2, "attribute": "Summer", "value": 1})
    votes["method"] = ["init"] * 15 + ["stgan"] * 4 + [None]
    votes["place"] = pd.array([1, 2, 3, 4] * 4 + [1, 2, 3, None], dtype="Int64")
    write_table(shares(votes, key, excluded=1), tmp_path / "results/small/tables/votes-vistas.csv")
    rows = vote_rows(results, "vistas", str(PAPER))
    assert rows.iloc[0].tolist()[:2] == ["0.0 (0.0 to 16.8)"] * 2  # Wilson's upper end of 0 of 19: z^2 / (n + z^2)
    assert rows.INIT.iloc[0].startswith("78.9 (") and rows.STGAN.iloc[0].startswith("21.1 (")
    facts = vote_facts(results, "vistas")
    assert "20 votes of 2 raters on 10 comparisons, 1 of them" in facts and "attention checks: 1." in facts
