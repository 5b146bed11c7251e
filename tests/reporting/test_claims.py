"""The verdict on claims about numbers that were made up, and the committed file of claims."""

import pandas as pd
import pytest
import yaml

from insm.config.study import load_study
from insm.data.dataset import load_dataset
from insm.reporting.claims import Claims, Comparison, assess, decide
from insm.support.schema import parse
from tests import ROOT

COLUMNS = ["variant", "other", "metric", "scope", "difference", "low", "high", "seeds"]
DIFFERENCES = pd.DataFrame(
    [
        ("copy", "init", "accuracy", "mean", -0.7, -0.8, -0.6, 3),
        ("init", "gan", "accuracy", "mean", 0.01, -0.02, 0.04, 3),
        ("init", "old", "counterfactual_l1", "mean", 0.002, 0.001, 0.003, 3),
    ],
    columns=COLUMNS,
)
METRICS = pd.DataFrame(
    [(variant, seed, "frechet_classifier_perm_train", "all", value)
     for variant, values in {"init": (10, 11, 12), "gan": (20, 22, 24), "lone": (3,)}.items()
     for seed, value in enumerate(values)] + [("real", None, "frechet_classifier_perm_train", "all", 1)],
    columns=["variant", "seed", "metric", "scope", "value"],
)  # fmt: skip


def compare(variant, other, sign, metric="accuracy", scope="mean") -> dict:
    comparison = Comparison(task="table1", metric=metric, scope=scope, variant=variant, other=other, sign=sign)
    return assess(comparison, DIFFERENCES, METRICS)


def test_a_difference_is_read_in_either_order():
    row = compare("init", "copy", 1)
    assert (row["difference"], row["low"], row["high"], row["outcome"]) == (0.7, 0.6, 0.8, "as claimed")
    assert (
        compare("copy", "init", 1)["outcome"] == "opposite" and compare("copy", "init", -1)["outcome"] == "as claimed"
    )


def test_an_interval_with_zero_tells_nothing():
    assert (
        compare("init", "gan", 1)["outcome"] == compare("init", "gan", -1)["outcome"] == "not significantly different"
    )
    assert compare("init", "old", -1, "counterfactual_l1")["outcome"] == "opposite", "farther from the truth"


def test_distances_between_sets_are_compared_over_seeds():
    """Gaps -10, -11, -12: Student's t with 2 degrees of freedom, 4.303 / sqrt(3) on either side."""
    row = compare("init", "gan", -1, "frechet", "all")
    assert row["difference"] == -11 and row["high"] == pytest.approx(-11 + 4.3027 / 3**0.5, rel=1e-4)
    assert row["outcome"] == "as claimed" and row["seeds"] == 3
    assert compare("init", "real", -1, "frechet", "all")["outcome"] == "opposite", "a reference has no seeds"
    assert compare("lone", "gan", -1, "frechet", "all")["outcome"] == "not significantly different", "one training"
    assert compare("nobody", "gan", -1, "frechet", "all")["outcome"] == "not in this study"


CLAIMED, OPPOSITE, UNCLEAR, MISSING = (
    {"outcome": name, "seeds": 3}
    for name in ("as claimed", "opposite", "not significantly different", "not in this study")
)
REPRODUCED, NOT, UNDECIDED = "reproduced", "not reproduced", "undecided at this scale"


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        ([CLAIMED, CLAIMED], REPRODUCED), ([CLAIMED, OPPOSITE], NOT), ([UNCLEAR, UNCLEAR], UNDECIDED),
        ([CLAIMED, UNCLEAR], UNDECIDED), ([CLAIMED, MISSING], UNDECIDED), ([], UNDECIDED),
        ([CLAIMED | {"seeds": 2}], UNDECIDED),
    ],
)  # fmt: skip
def test_verdicts(rows, verdict):
    assert decide(rows)[0] == verdict


def test_the_reason_tells_which_way_numbers_lean():
    assert decide([CLAIMED | {"seeds": 1}, OPPOSITE]) == (
        UNDECIDED, "1 seed of 3 needed; of 2 comparisons: 1 as claimed, 1 opposite"
    )  # fmt: skip


@pytest.mark.parametrize("name", ["full", "paper"])
def test_the_file_of_claims_names_what_a_study_has(name):
    path = ROOT / "docs/paper/claims.yaml"
    claims = parse(Claims, yaml.safe_load(path.read_text()), path)
    assert len({claim.id for claim in claims.claims}) == len(claims.claims) >= 10
    assert len(claims.inconsistencies) >= 10
    references = {"no edit", "ground truth"}
    metrics = {"accuracy", "preservation", "counterfactual_l1", "frechet"}
    study = load_study(ROOT / f"config/{name}.yaml")
    tasks = {load_dataset(task.data.dataset).paper_table: task for task in study.tasks.values()}
    for comparison in (one for claim in claims.claims for one in claim.evidence):
        task = tasks[comparison.task]
        labels = load_dataset(task.data.dataset).attributes
        variants = {*task.methods, *references}
        assert comparison.scope.split("=")[0] in {*labels, "mean", "all"}, comparison
        assert {comparison.variant, comparison.other} <= variants, comparison
        assert comparison.metric in metrics, comparison
