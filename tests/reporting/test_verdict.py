"""Verdicts on claims from numbers that were made up, and how often they are wrong where there is no difference."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from insm.reporting.claims import Claim, Claims, Comparison
from insm.reporting.measured import Measured
from insm.reporting.protocol import read_protocol
from insm.reporting.verdict import EVIDENCE, VERDICTS, combine, compare, decide_all, spelled
from tests import ROOT

PROTOCOL = read_protocol(ROOT / "docs/paper/protocol.yaml")
NOBODY = pd.DataFrame(columns=["variant", "seed", "split", "step", "classifier", "metric", "scope", "value"])


def trainings(mean, count=10, spread=0.01, seed=0):
    """Accuracies [S, 1, 1] whose mean and standard deviation are exactly these."""
    values = np.random.default_rng(seed).normal(size=count)
    return (mean + spread * stats.zscore(values, ddof=1))[:, None, None]


def task(**means) -> Measured:
    """Accuracy of trainings by variant."""
    return Measured({name: {"accuracy_possible": values} for name, values in means.items()}, NOBODY)


def claim(*comparisons) -> Claim:
    return Claim(id="x", claim="c", quote="q", section="1", evidence=list(comparisons))


def better(variant, other, sign=1) -> Comparison:
    return Comparison(task="table1", metric="accuracy_possible", of={variant: 1, other: -1}, sign=sign)


def outcomes(study, *comparisons) -> tuple[str, list[str]]:
    """The outcome of a claim, and those of its comparisons."""
    verdicts, rows = decide_all(Claims(claims=[claim(*comparisons)]), PROTOCOL, {"table1": study})
    assert list(verdicts) == VERDICTS and list(rows) == EVIDENCE
    return verdicts.outcome[0], list(rows.outcome)


FACES = task(
    init=trainings(0.80), gan=trainings(0.75, seed=1), like=trainings(0.801, seed=2), wild=trainings(0.82, 10, 0.08, 3),
    few=trainings(0.5, 9),
)  # fmt: skip


def test_each_word():
    assert outcomes(FACES, better("init", "gan")) == ("held", ["held"])
    assert outcomes(FACES, better("gan", "init")) == ("opposite", ["opposite"])
    assert outcomes(FACES, better("gan", "init", -1)) == ("held", ["held"])
    assert outcomes(FACES, better("init", "like")) == ("equivalent", ["equivalent"])
    assert outcomes(FACES, better("init", "wild")) == ("undecided here", ["undecided here"])
    assert outcomes(FACES, better("init", "few")) == ("undecided here", ["undecided here"]), "nine seeds of ten"
    assert outcomes(FACES, better("init", "gone")) == ("not run", ["not run"])
    assert outcomes(FACES) == ("no experiment", [])


@pytest.mark.parametrize(
    ("rows", "equivalent", "outcome"),
    [
        (["held", "held"], [False] * 2, "held"), (["held", "opposite"], [False] * 2, "opposite"),
        (["held", "equivalent"], [False, True], "undecided here"), (["held", "equivalent"], [True] * 2, "equivalent"),
        (["equivalent", "opposite"], [True] * 2, "opposite"), (["opposite", "not run"], [False] * 2, "not run"),
    ],
)  # fmt: skip
def test_a_claim_is_all_of_its_comparisons(rows, equivalent, outcome):
    assert combine(rows, equivalent) == outcome


def test_too_few_seeds_leave_a_claim_undecided_whatever_the_others_say():
    assert combine(["opposite", "undecided here"], [False] * 2, few=True) == "undecided here"
    assert combine(["opposite", "not run"], [False] * 2, few=True) == "not run"
    assert outcomes(FACES, better("gan", "init"), better("few", "init"))[0] == "undecided here"


def test_only_variants_that_claims_name_count_for_the_interaction():
    """Otherwise a p-value would depend on which controls are finished."""
    rng = np.random.default_rng(0)
    judged = {name: trainings(0.8, seed=k) + rng.normal(0, 0.01, (1, 3, 1)) for k, name in enumerate("abc")}
    one = Claims(claims=[claim(better("a", "b"))])
    two = decide_all(one, PROTOCOL, {"table1": task(**{name: judged[name] for name in "ab"})})[1]
    three = decide_all(one, PROTOCOL, {"table1": task(**judged)})[1]
    pd.testing.assert_frame_equal(two, three)
    both = Claims(claims=[*one.claims, claim(better("a", "c"))])
    assert decide_all(both, PROTOCOL, {"table1": task(**judged)})[1].p_expected[0] != two.p_expected[0]


def test_p_values_are_corrected_within_the_claim():
    [alone] = compare(claim(better("init", "gan")), PROTOCOL, {"table1": FACES})
    rows = compare(
        claim(better("init", "gan"), better("init", "wild"), better("init", "like")), PROTOCOL, {"table1": FACES}
    )
    assert rows[0]["p_expected"] == pytest.approx(3 * alone["p_expected"])
    assert rows[0]["detectable"] > alone["detectable"], "three comparisons need a larger difference"
    welch = stats.ttest_ind(
        *(FACES.images[name]["accuracy_possible"].ravel() for name in ("init", "gan")), equal_var=False
    )
    assert alone["p_expected"] == pytest.approx(welch.pvalue / 2)


def test_a_main_effect_needs_all_four_cells():
    cells = {name: trainings(0.7 + 0.03 * (name in "cd"), seed=k) for k, name in enumerate("acde")}
    effect = Comparison(
        task="table1",
        metric="accuracy_possible",
        of={"c": 0.5, "d": 0.5, "a": -0.5, "e": -0.5},
        pooled=True,
        name="AIW",
    )
    [row] = compare(claim(effect), PROTOCOL, {"table1": task(**cells)})
    assert (row["estimate"], row["outcome"], row["contrast"]) == (pytest.approx(0.03), "held", "AIW")
    assert row["dof"] == 36 and row["error_seeds"] == pytest.approx(0.01 / np.sqrt(10))
    del cells["e"]
    assert compare(claim(effect), PROTOCOL, {"table1": task(**cells)})[0]["outcome"] == "not run"


def test_sentences_say_how_much():
    study = Claims(claims=[claim(better("init", "gan")), claim(better("gan", "init"), better("init", "wild")), claim()])
    verdicts, _ = decide_all(study, PROTOCOL, {"table1": FACES})
    assert verdicts.sentence[0].startswith("init - gan in accuracy of possible edits: +5.0 points (+4.1 points to ")
    assert verdicts.sentence[0].endswith("higher as the paper says.")
    assert verdicts.sentence[1].startswith(
        "of 2 comparisons 1 against it, 1 open; most clearly against it: gan - init in "
    )
    assert verdicts.sentence[1].endswith(": -5.0 points (-5.9 points to -4.1 points).")
    assert verdicts.sentence[2] == "No experiment of this study can test it."
    assert verdicts.outcome[1] == "opposite" and verdicts.estimate[1] == pytest.approx(-0.05), "what decides"
    few = decide_all(Claims(claims=[claim(better("init", "few"))]), PROTOCOL, {"table1": FACES})[0]
    assert few.sentence[0].startswith("9 of 10 seeds; init - few in accuracy")
    assert spelled({"c": 0.5, "a": -0.5, "b": 1}) == "0.5 c - 0.5 a + b"


def test_a_difference_below_the_margin_is_said_to_be_one():
    near = task(
        a=trainings(0.80, spread=0.001), b=trainings(0.79, spread=0.001, seed=1), c=trainings(0.7, spread=0.001, seed=2)
    )
    claims = Claims(claims=[claim(better("a", "b")), claim(better("a", "b"), better("a", "c"))])
    verdicts, _ = decide_all(claims, PROTOCOL, {"table1": near})
    assert list(verdicts.outcome) == ["held", "held"]
    assert verdicts.sentence[0].endswith("higher as the paper says but less than the margin.")
    assert verdicts.sentence[1].endswith("and less than the margin."), "the least sure one decides"


def test_a_learning_curve_has_the_margin_and_the_unit_of_its_metric():
    rows = [(name, str(seed), "validation", step, 1, "accuracy_possible", "mean", value + seed / 1e3)
            for name, value in (("a", 0.80), ("b", 0.801)) for seed in range(10) for step in (1, 2)]  # fmt: skip
    study = Measured({}, pd.DataFrame(rows, columns=NOBODY.columns))
    one = Comparison(task="table1", metric="curve_accuracy_possible", of={"a": 1, "b": -1})
    verdicts, evidence = decide_all(Claims(claims=[claim(one)]), PROTOCOL, {"table1": study})
    assert evidence.margin[0] == PROTOCOL.margins["accuracy_possible"] and verdicts.outcome[0] == "equivalent"
    assert "accuracy of possible edits over the training: -0.1 points" in verdicts.sentence[0]


def test_a_missing_task_is_not_run():
    verdicts, rows = decide_all(Claims(claims=[claim(better("a", "b"))]), PROTOCOL, {})
    assert list(verdicts.outcome) == list(rows.outcome) == ["not run"] and rows.seeds[0] == 0
    assert verdicts.sentence[0] == "Not run."
