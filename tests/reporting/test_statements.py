"""Sentences of README and docs, from tables that were made up."""

import pandas as pd
import pytest

from insm.reporting import readme_tables, statements
from insm.reporting.statements import (
    by_seed,
    claims,
    decided,
    differences,
    each,
    effect,
    finding,
    mean,
    minus,
    spans,
    weakest,
)


@pytest.fixture
def study(tmp_path, monkeypatch):
    """Results of two studies: `full` has three trainings of each variant, `evidence` a verdict."""
    monkeypatch.setattr(readme_tables, "RESULTS", tmp_path)
    values = {"init-c": 0.75, "init-d": 0.72, "init-a": 0.73, "init-e": 0.70, "init-e2": 0.80, "stargan": 0.78,
              "attgan": 0.8, "stgan": 0.84}  # fmt: skip
    rows = [("portraits", name, seed, "accuracy", "mean", value + (seed - 1) / 100, 300)
            for name, value in values.items() for seed in range(3)]  # fmt: skip
    write(tmp_path / "full/tables/metrics.csv", rows, "task variant seed metric scope value samples")
    return tmp_path


def write(path, rows, columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows, columns=columns.split()).to_csv(path, index=False)


def evidence(folder, seeds):
    weights = "main effect of AIW"
    rows = [("aiw-helps", weights, "accuracy_possible", "mean", 0.021, 0.011, 0.031, seeds, 10, "held")]
    write(
        folder / "evidence/tables/evidence.csv", rows, "id contrast metric scope estimate low high seeds needed outcome"
    )
    rows = [("AIW helps.", "4.5", "held", False, "It does."), ("People prefer it.", "4", "no experiment", False, "No.")]
    write(folder / "evidence/tables/verdict.csv", rows, "claim section outcome exploratory sentence")
    write(folder / "evidence/tables/metrics.csv", [], "task variant seed metric scope value samples")
    write(folder / "evidence/tables/differences-portraits.csv", [], "variant other metric scope difference low high")


def test_effects_are_students_over_trainings(study):
    """Two variants with a standard deviation of 1 point over 3 seeds: 2.776 sqrt(2 / 3), with 4 degrees of freedom."""
    assert effect("full", {"init-c": 1, "init-e": -1}) == "+5.0 points (+2.7 to +7.3)"
    assert effect("full", statements.AIW) == "+2.0 points (+0.7 to +3.3)", "2.306 sqrt(1 / 3), with 8"
    assert minus("full", "init-c", {"StarGAN": "stargan"}) == "StarGAN -3.0 points (-5.3 to -0.7)"
    assert "| (c)       |     74.0 |     75.0 |     76.0 |" in by_seed("full", {"(c)": "init-c"})


def test_trainings_are_told_as_a_mean_each_and_by_how_much_they_differ(study):
    assert mean("full", "init-c") == "75.0" and each("full", "init-c", "accuracy", "mean") == "74.0, 75.0 and 76.0"
    rows = [("portraits", "init-c", seed, metric, "mean", value + seed / 500, 300)
            for metric, value in (("accuracy", 0.7), ("counterfactual_l1", 0.04)) for seed in range(3)]  # fmt: skip
    write(study / "other/tables/metrics.csv", rows, "task variant seed metric scope value samples")
    assert (
        spans("other", "init-c", ("accuracy", "counterfactual_l1"))
        == "0.4 points of accuracy and 0.0040 of L1 to truth"
    )
    write(study / "other/tables/metrics.csv", rows[:1], "task variant seed metric scope value samples")
    assert each("other", "init-c", "accuracy", "mean") == "70.0"


def test_a_single_training_has_its_interval_from_the_table_of_differences(study):
    write(study / "one/tables/metrics.csv", [("portraits", name, 0, "accuracy", "mean", value, 9)
          for name, value in (("a", 0.5), ("b", 0.6))], "task variant seed metric scope value samples")  # fmt: skip
    write(study / "one/tables/differences-portraits.csv", [("a", "b", "accuracy", "mean", -0.1, -0.15, -0.04)],
          "variant other metric scope difference low high")  # fmt: skip
    assert effect("one", {"b": 1, "a": -1}) == "+10.0 points (+4.0 to +15.0)"
    assert effect("one", {"b": 1, "gone": -1}) == "not run"


def test_the_finding_is_the_registered_studys_as_soon_as_it_has_one(study):
    assert not decided() and finding().startswith("**Finding so far.**")
    assert "(AIW) is worth +2.0 points (+0.7 to +3.3) of accuracy" in " ".join(finding().split())
    write(study / "evidence/outcomes/portraits/init-a/seed3.json", [], "nothing")
    assert "not finished (1 of the 60 trainings of its first block are recorded): every claim is open." in claims()
    evidence(study, seeds=7)
    assert not decided(), "the first block is not complete"
    evidence(study, seeds=10)
    assert decided() and "+2.1 points (+1.1 to +3.1) of accuracy" in " ".join(finding().split())
    assert "not run" in finding(), "blocks that are missing"
    rows = pd.read_csv(study / "evidence/tables/evidence.csv")
    later = rows.assign(id="faces-best-accuracy", contrast="init-c - stargan", seeds=4)
    pd.concat([rows, later]).to_csv(study / "evidence/tables/evidence.csv", index=False)
    assert "StarGAN not finished" in " ".join(finding().split()), "a block with four of ten seeds"
    assert (
        claims().startswith("Of 1 claims of the paper that experiments can test: 1 held.")
        and "| AIW helps." in claims()
    )


def test_a_row_per_variant(study):
    write(study / "full/tables/differences-portraits.csv", [], "variant other metric scope difference low high")
    table = differences("full", "init-c", {"StarGAN": "stargan", "(e)": "init-e"}).splitlines()
    assert len(table) == 4 and table[2].count("not run") == 2, "no other metric was measured"


def test_the_weakest_attributes(study):
    rows = [
        ("portraits", "init-c", seed, "accuracy", scope, value, 9)
        for seed in (0, 1)
        for scope, value in (("mean", 0.1), ("Bangs", 0.2), ("Young", 0.5), ("No_Beard", 0.3), ("group:Hair", 0))
    ]
    write(study / "full/tables/metrics.csv", rows, "task variant seed metric scope value samples")
    assert weakest("full", {"INIT": "init-c"}, 2) == "INIT: Bangs 20.0, No Beard 30.0"
