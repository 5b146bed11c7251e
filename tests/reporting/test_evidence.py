"""Evidence for the claims, budgets: labels, units and outcomes of numbers that were made up."""

import pytest

pytest.importorskip("seaborn")

import pandas as pd

from insm.reporting.budget import budget_figure, budget_table, by_budget
from insm.reporting.claims import read_claims
from insm.reporting.evidence import OUTCOMES, comparisons, counts, inconsistencies, outcomes_figure, verdict_table
from insm.reporting.tables import read_table
from insm.reporting.verdict import EVIDENCE
from tests import ROOT
from tests.reporting.small_study import write_study


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return str(write_study(tmp_path_factory.mktemp("study"), {"faces": "portraits"}) / "results")


def test_comparisons_are_labelled_and_in_their_units(results):
    row = dict.fromkeys(EVIDENCE, float("nan")) | {"id": "x", "task": "table1", "metric": "accuracy", "sign": -1}
    row |= {"scope": "Pale_Skin", "contrast": "full - gone", "estimate": 0.123, "low": 0.1, "high": 0.2, "seeds": 2}
    row |= {"p_expected": 1, "p_opposite": 1e-9, "error_seeds": 0.02, "needed": 10, "outcome": "opposite"}
    gap = row | {"metric": "frechet", "estimate": 0.0953, "scope": "all", "sign": -1}
    line, ratio = comparisons(pd.DataFrame([row, gap]), results, ["faces"]).data.to_dict("records")
    assert (line["compared"], line["in"], line["seeds"]) == ("(c) INIT - gone", "accuracy", "2 of 10")
    assert (line["on"], line["expected"], line["estimate"]) == ("table1, Pale Skin", "lower", "+12.3 points")
    assert (line["95 % interval"], line["p against"]) == ("+10.0 points to +20.0 points", "< 0.0001")
    assert line["p of equivalence"] == "n/a" and line["error of seeds, images, classifiers"] == "2.0 / n/a / n/a"
    assert ratio["estimate"] == "+10 %", "a difference of logarithms"


def test_every_claim_has_a_row_and_every_comparison_its_part_of_a_bar(results):
    verdicts, evidence = (read_table(f"{results}/tables/{name}.csv") for name in ("verdict", "evidence"))
    assert len(verdict_table(verdicts).data) == len(verdicts) == counts(verdicts).to_numpy().sum()
    assert set(verdicts.outcome) <= set(OUTCOMES)
    figure = outcomes_figure(verdicts, evidence)
    assert sum(int(text.get_text()) for text in figure.axes[0].texts) == len(evidence)
    assert set(evidence.outcome) <= set(OUTCOMES)
    claims = read_claims(ROOT / "docs/paper/claims.yaml")
    assert len(inconsistencies(claims).data) == len(claims.inconsistencies)


def test_runs_that_differ_in_length_alone_share_a_line(results):
    runs = by_budget(results, "faces")
    assert set(runs.label) == {"INIT, longer", "(d) w/o MST", "AttGAN (2 x edits)"}, "(c) is a shorter run of the first"
    assert set(runs[runs.label == "INIT, longer"].updates) == {2, 3}
    accuracy, _ = budget_figure(results, "faces", runs).axes
    line = next(line for line in accuracy.lines if line.get_label() == "INIT, longer")
    assert line.get_xdata().tolist() == [2, 3]
    mean = runs[(runs.variant == "full") & (runs.metric == "accuracy")].value.mean()
    assert line.get_ydata()[0] == pytest.approx(100 * mean)
    assert len(budget_table(results, "faces", runs).data) == 4
