"""Outcomes of runs, put together, are what contrasts and tables want."""

import numpy as np
import pandas as pd
import pytest

from insm.evaluation.gathered import FINISHED, check_alike, gather_numbers, gather_outcomes, values_of
from insm.evaluation.outcomes import image_values

A, N = 3, 400


@pytest.fixture
def values():
    rng = np.random.default_rng(0)
    hits = [(rng.random((A, N)) < chance).astype(float) for chance in (0.7, 0.8)]
    return {("accuracy", 1): hits[0], ("accuracy", 2): hits[1], ("r2", 0): rng.normal(0.3, 2.0, (A, N)),
            ("reversibility", 0): np.hstack([rng.random((A, 50)), np.full((A, N - 50), np.nan)])}  # fmt: skip


def test_outcomes_of_runs_become_arrays_of_trainings_classifiers_and_images(values):
    runs = [
        image_values(values, split).assign(variant="c", seed=str(seed)) for seed in (0, 1) for split in ("test", "b")
    ]
    plain = image_values({("r2", 0): np.zeros((A, N))}, "test").assign(variant="no edit")
    arrays = values_of(gather_outcomes([plain, pd.concat(runs[:2]), pd.concat(runs[2:])]))
    assert arrays["c"]["accuracy"].shape == (2, 2, 2 * N) and arrays["c"]["r2"].shape == (2, 1, 2 * N)
    assert arrays["c"]["reversibility"].shape == (2, 1, 100), "only images that have a value"
    assert arrays["no edit"]["r2"].shape == (1, 1, N) and "accuracy" not in arrays["no edit"]


def test_numbers_of_finished_models_are_means_over_classifiers_and_splits():
    rows = [
        ("test", FINISHED, 1, 0.5),
        ("test", FINISHED, 2, 0.7),
        ("test-2", FINISHED, 1, 0.6),
        ("validation", 10, 1, 0.1),
    ]
    table = pd.DataFrame(rows, columns=["split", "step", "classifier", "value"])
    table = table.assign(variant="c", seed="0", metric="accuracy", scope="mean", samples=40)
    (row,) = gather_numbers(table).to_dict("records")
    assert row == {"variant": "c", "seed": "0", "metric": "accuracy", "scope": "mean", "samples": 40,
                   "value": pytest.approx(0.6)}  # fmt: skip


def test_runs_that_different_classifiers_measured_are_not_gathered(complains):
    rows = [
        ("a", "0", "test", FINISHED, 1, "accuracy", "mean", 0.5, 8),
        ("a", "0", "test", FINISHED, 2, "accuracy", "mean", 0.5, 8),
    ]
    columns = ["variant", "seed", "split", "step", "classifier", "metric", "scope", "value", "samples"]
    alike = [("b", *row[1:]) for row in rows]
    check_alike(
        pd.DataFrame(rows + alike + [("b", "0", "validation", 5, 1, "accuracy", "mean", 0.1, 8)], columns=columns)
    )
    check_alike(pd.DataFrame([*rows, ("real", None, "test", FINISHED, 0, "accuracy", "mean", 1.0, 8)], columns=columns))
    with complains("a/seed0 and b/seed0 were measured by different classifiers", "(accuracy)", "again"):
        check_alike(pd.DataFrame(rows + alike[:1], columns=columns))
