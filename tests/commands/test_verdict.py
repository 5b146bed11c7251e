"""A study's verdict from tables that were made up."""

import pandas as pd
import pytest
import yaml

from insm.commands.jobs.verdict import verdict

CLAIM = {
    "id": "better",
    "claim": "INIT is better.",
    "quote": "best",
    "section": "4",
    "paper": "2 > 1",
    "note": "Small.",
}
EVIDENCE = {"task": "table1", "metric": "accuracy", "scope": "mean", "variant": "init", "other": "gan", "sign": 1}


@pytest.fixture
def decided(tmp_path):
    """Decide claims by a study whose task `faces` has one difference; returns both tables."""

    def run(*claims, task="table1=faces"):
        (tmp_path / "claims.yaml").write_text(yaml.safe_dump({"claims": list(claims)}))
        pd.DataFrame(
            [("gan", "init", "accuracy", "mean", -0.2, -0.3, -0.1, -1.0, 300, 3)],
            columns=["variant", "other", "metric", "scope", "difference", "low", "high", "effect", "images", "seeds"],
        ).to_csv(tmp_path / "differences-faces.csv", index=False)
        pd.DataFrame(columns=["task", "variant", "seed", "metric", "scope", "value", "samples"]).to_csv(
            tmp_path / "metrics.csv", index=False
        )
        names = ("claims.yaml", "metrics.csv", "verdict.csv", "evidence.csv")
        verdict(*(tmp_path / name for name in names), [tmp_path / "differences-faces.csv"], [task])
        return pd.read_csv(tmp_path / "verdict.csv"), pd.read_csv(tmp_path / "evidence.csv")

    return run


def test_a_claim_that_holds(decided):
    verdicts, evidence = decided(CLAIM | {"evidence": [EVIDENCE]}, CLAIM | {"id": "votes", "evidence": []})
    assert list(verdicts.verdict) == ["reproduced", "undecided at this scale"]
    assert verdicts.loc[0, ["id", "paper", "note"]].tolist() == ["better", "2 > 1", "Small."]
    [row] = evidence.to_dict("records")
    assert (row["id"], row["difference"], row["low"], row["outcome"]) == ("better", 0.2, 0.1, "as claimed")


def test_tasks_that_the_study_lacks(decided):
    verdicts, evidence = decided(CLAIM | {"evidence": [EVIDENCE]}, task="table2a=views")
    assert list(evidence.outcome) == ["not in this study"]
    assert list(verdicts.verdict) == ["undecided at this scale"]


def test_mistakes_in_the_file_are_told(decided, tmp_path, complains):
    with complains("claims.yaml", "sign"):
        decided(CLAIM | {"evidence": [EVIDENCE | {"sign": 2}]})
    with complains("missing.yaml", "restore it from git"):
        verdict(tmp_path / "missing.yaml", *[tmp_path / "x"] * 3, [])


def test_a_missing_table_is_told(decided, tmp_path, complains):
    decided(CLAIM | {"evidence": [EVIDENCE]})
    (tmp_path / "metrics.csv").unlink()
    with complains("metrics.csv is missing or no table", "snakemake"):
        verdict(tmp_path / "claims.yaml", tmp_path / "metrics.csv", *[tmp_path / "x"] * 2, [])
