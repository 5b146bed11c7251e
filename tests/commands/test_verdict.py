"""A study's verdict from tables that were made up."""

import numpy as np
import pandas as pd
import pytest
import yaml

from insm.commands.jobs.verdict import verdict
from tests import ROOT

CLAIM = {
    "id": "better",
    "claim": "INIT is better.",
    "quote": "best",
    "section": "4",
    "paper": "2 > 1",
    "note": "Small.",
}
EVIDENCE = {"task": "table1", "metric": "accuracy", "of": {"init": 1, "gan": -1}}
PROTOCOL = ROOT / "docs/paper/protocol.yaml"


def run_verdict(folder, task):
    """`insm job verdict` of the files in a folder."""
    paths = [folder / name for name in ("verdict.csv", "evidence.csv")]
    verdict(
        folder / "claims.yaml", PROTOCOL, *paths, [folder / "faces.numbers.parquet"], [folder / "faces.parquet"], [task]
    )


@pytest.fixture
def decided(tmp_path):
    """Decide claims by a study whose task `faces` has two variants of ten trainings; returns both tables."""

    def run(*claims, task="table1=faces"):
        (tmp_path / "claims.yaml").write_text(yaml.safe_dump({"claims": list(claims)}))
        rows = [
            (variant, str(seed), image, "Smiling", base + (image + seed) / 1000)
            for variant, base in (("init", 0.8), ("gan", 0.6))
            for seed in range(10)
            for image in range(5)
        ]
        outcomes = pd.DataFrame(rows, columns=["variant", "seed", "image", "attribute", "accuracy"])
        outcomes.astype({"attribute": "category"}).to_parquet(tmp_path / "faces.parquet")
        columns = ["variant", "seed", "split", "step", "classifier", "metric", "scope", "value"]
        pd.DataFrame(columns=columns).to_parquet(tmp_path / "faces.numbers.parquet")
        run_verdict(tmp_path, task)
        return pd.read_csv(tmp_path / "verdict.csv"), pd.read_csv(tmp_path / "evidence.csv")

    return run


def test_a_claim_that_holds(decided):
    verdicts, evidence = decided(CLAIM | {"evidence": [EVIDENCE]}, CLAIM | {"id": "votes", "evidence": []})
    assert list(verdicts.outcome) == ["held", "no experiment"]
    assert verdicts.loc[0, ["id", "paper", "note"]].tolist() == ["better", "2 > 1", "Small."]
    [row] = evidence.to_dict("records")
    assert (row["id"], row["estimate"], row["seeds"], row["images"]) == ("better", pytest.approx(0.2), 10, 5)
    assert 0.19 < row["low"] < row["high"] < 0.21


def test_tasks_that_the_study_lacks(decided):
    verdicts, evidence = decided(CLAIM | {"evidence": [EVIDENCE]}, task="table2a=views")
    assert list(evidence.outcome) == list(verdicts.outcome) == ["not run"]


def test_a_missing_table_is_told(decided, tmp_path, complains):
    decided(CLAIM | {"evidence": [EVIDENCE]})
    (tmp_path / "faces.parquet").unlink()
    with complains("faces.parquet is missing or no table", "snakemake"):
        run_verdict(tmp_path, "table1=faces")


def test_outcomes_of_images_have_terms_of_classifiers_and_draws(decided, tmp_path):
    """Values of images by three classifiers on two test splits, as the registered study keeps them."""
    decided(CLAIM | {"evidence": [EVIDENCE]})
    rng = np.random.default_rng(0)
    rows = [
        (variant, str(seed), split, image, *(base + rng.normal(0, 0.01, 3)))
        for variant, base in (("init", 0.8), ("gan", 0.6))
        for seed in range(10)
        for split in ("test", "test-2")
        for image in range(5)
    ]
    columns = ["variant", "seed", "split", "image", "accuracy@1", "accuracy@2", "accuracy@3"]
    pd.DataFrame(rows, columns=columns).to_parquet(tmp_path / "faces.parquet")
    run_verdict(tmp_path, "table1=faces")
    [row] = pd.read_csv(tmp_path / "evidence.csv").to_dict("records")
    assert (row["outcome"], row["images"], row["classifiers"], row["seeds"]) == ("held", 10, 3, 10)
    assert min(row["error_seeds"], row["error_images"], row["error_classifiers"]) > 0
