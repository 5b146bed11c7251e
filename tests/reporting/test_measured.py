"""What contrasts get of a study's outcomes and numbers."""

import numpy as np
import pandas as pd
import pytest

from insm.reporting.measured import Measured, of_edits, of_metrics

OUTCOMES = pd.DataFrame(
    [(variant, seed, image, attribute, value + image / 10 + (attribute == "B"))
     for variant, seed, value in (("a", "0", 0.0), ("a", "1", 0.5), ("no edit", "", 9.0))
     for image in range(3) for attribute in "AB"],
    columns=["variant", "seed", "image", "attribute", "r2"],
).astype({"attribute": "category", "variant": "category", "seed": "category"})  # fmt: skip


def numbers(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["variant", "seed", "split", "step", "classifier", "metric", "scope", "value"])


def test_edits_become_values_of_images():
    values = of_edits(OUTCOMES)
    assert values["a"]["r2"].shape == (2, 1, 3) and values["no edit"]["r2"].shape == (1, 1, 3)
    assert values["a"]["r2"][1, 0] == pytest.approx([1.0, 1.1, 1.2])
    assert of_edits(OUTCOMES.assign(r2=np.nan)) == {} and of_edits(OUTCOMES.iloc[:0]) == {}


def test_the_mean_is_of_images_and_other_scopes_of_test_splits():
    table = numbers(*(("a", seed, split, -1, 0, "r2", "A", float(seed) + (split == "test-2"))
                      for seed in "01" for split in ("test", "test-2")))  # fmt: skip
    measured = Measured(of_edits(OUTCOMES), table)
    name, values = measured.of("r2", "mean", {"a": 1})
    assert name == "r2" and values["a"].shape == (2, 1, 3)
    _, values = measured.of("r2", "A", {"a": 1})
    assert values["a"].tolist() == [[[0, 1]], [[1, 2]]]
    assert measured.of("r2", "B", {"a": 1}) is None and measured.of("r2", "A", {"a": 1, "b": -1}) is None


def test_distances_between_sets_are_logarithms_over_classifiers_that_all_have():
    rows = [
        ("a", seed, "test", -1, classifier, f"frechet_classifier_{kind}", scope, np.exp(int(seed) + classifier))
        for seed in "01"
        for classifier in (1, 2)
        for kind, scope in (("perm_train", "all"), ("toggle_train", "P=1"))
    ]
    rows += [("b", "0", "test", -1, 1, "frechet_classifier_perm_train", "all", 1.0)]
    measured = Measured({}, numbers(*rows))
    _, values = measured.of("frechet", "all", {"a": 1, "b": -1})
    assert values["a"] == pytest.approx(np.array([1.0, 2.0])[:, None, None]) and values["b"].tolist() == [[[0]]]
    _, values = measured.of("frechet", "P=1", {"a": 1})
    assert values["a"].shape == (2, 2, 1)


def test_a_study_without_possible_edits_has_its_accuracy_in_their_place():
    measured = Measured({"a": {"accuracy": np.zeros((2, 1, 3))}}, numbers())
    assert measured.of("accuracy_possible", "mean", {"a": 1})[0] == "accuracy"
    assert measured.of("r2", "mean", {"a": 1}) is None


def test_tables_of_studies_with_one_split_and_one_classifier_are_completed():
    metrics = pd.DataFrame(
        [("t", "a", "0", "r2", "A", 1.0, 3)], columns=["task", "variant", "seed", "metric", "scope", "value", "samples"]
    )
    assert Measured({}, of_metrics(metrics)).of("r2", "A", {"a": 1})[1]["a"].tolist() == [[[1.0]]]


def test_a_learning_curve_is_its_mean():
    curve = [
        ("a", seed, "validation", step, 1, "r2", "mean", step / 10 + int(seed)) for seed in "01" for step in (1, 2, 3)
    ]
    measured = Measured({}, numbers(*curve, ("a", "0", "test", -1, 1, "r2", "mean", 9.0)))
    assert measured.of("curve_r2", "mean", {"a": 1})[1]["a"].ravel() == pytest.approx([0.2, 1.2])
    assert measured.of("r2", "mean", {"a": 1})[1]["a"].tolist() == [[[9.0]]]
    assert measured.of("curve_accuracy", "mean", {"a": 1}) is None
