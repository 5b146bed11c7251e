"""What notebooks print of a task: numbers by hand."""

import pandas as pd
import pytest

from insm.reporting.notebook_tables import (
    all_metrics,
    certainty,
    classifier_quality,
    counts,
    effect_sizes,
    single_edits,
)

NAMES = {"init-c": "INIT", "gan": "GAN"}


@pytest.fixture
def results(tmp_path):
    (tmp_path / "tables").mkdir()
    rows = [
        ("faces", variant, seed, metric, scope, value + seed / 100, samples)
        for seed in (0, 1)
        for variant, value in (("gan", 0.5), ("init-c", 0.7))
        for metric, scope, samples in (
            ("accuracy", "mean", 30), ("target_accuracy", "mean", 300), ("frechet_x_perm_train", "all", 300),
            ("sharpness", "mean", 30),
        )
    ]  # fmt: skip
    rows += [("faces", "real", None, "accuracy", scope, 0.9, 30) for scope in ("Pale_Skin", "group:Skin", "mean")]
    rows += [
        ("faces", "real", None, "calibration_error", "Pale_Skin", 0.05, 30),
        ("other", "x", 0, "identity", "mean", 1, 9),
    ]
    rows += [("faces", "real", None, "frechet_x_perm_train", "all", 0.1, 30)]
    columns = ["task", "variant", "seed", "metric", "scope", "value", "samples"]
    pd.DataFrame(rows, columns=columns).to_csv(tmp_path / "tables/metrics.csv", index=False)
    intervals = [
        (
            variant,
            "accuracy",
            scope,
            value,
            value - 0.1,
            value + 0.1,
            value - 0.2,
            value + 0.2,
            value - 0.3,
            value + 0.3,
            2,
        )
        for variant, value in (("gan", 0.5), ("init-c", 0.6), ("ground truth", 0.7), ("no edit", 0))
        for scope in ("mean", "Pale_Skin", "Bangs")
    ]
    columns = [
        "variant",
        "metric",
        "scope",
        "value",
        "low",
        "high",
        "seed_low",
        "seed_high",
        "wilson_low",
        "wilson_high",
        "seeds",
    ]
    pd.DataFrame(intervals, columns=columns).to_csv(tmp_path / "tables/intervals-faces.csv", index=False)
    return str(tmp_path)


def test_other_metrics_are_means_over_seeds_in_the_order_of_the_names(results):
    table = all_metrics(results, "faces", NAMES, skip=("accuracy",)).data
    assert list(table.index) == ["INIT", "GAN", "real"]
    assert list(table) == ["full target labels %", "Frechet B", "sharpness"], "a metric nobody named here is shown too"
    assert table.loc["INIT", "full target labels %"] == pytest.approx(70.5)
    assert table.loc["GAN", "Frechet B"] == pytest.approx(0.505)


def test_counts_tell_where_they_differ(results):
    assert counts(results, "faces")["images or edits"].to_dict() == {
        "accuracy": "30", "target_accuracy": "300", "frechet_x_perm_train": "30 to 300", "calibration_error": "30",
        "sharpness": "30",
    }  # fmt: skip


def test_the_classifiers_quality_is_shown_by_attribute(results):
    table = classifier_quality(results, "faces").data
    assert table["Pale Skin"].to_dict() == pytest.approx({"accuracy": 90, "calibration error": 5})
    assert list(table) == ["Pale Skin", "mean"]


def test_intervals_in_words(results):
    table = certainty(results, "faces", NAMES)
    assert list(table.index) == ["INIT", "GAN", "ground truth"]
    assert table.loc["GAN"].tolist() == ["50.0", "40.0 to 60.0", "30.0 to 70.0", 2]
    edits = single_edits(results, "faces", {"gan": "GAN"})
    assert list(edits) == ["GAN", "ground truth"] and list(edits.index) == ["Pale Skin", "Bangs"]
    assert edits.loc["Bangs", "GAN"] == "50 (20.0 to 80.0)"


def test_differences_are_in_points_with_their_effect():
    rows = pd.DataFrame(
        [
            ("gan", "accuracy", 0.1, 0.05, 0.15, 0.8, 3),
            ("gan", "identity", -0.0001, -0.05, 0.15, 0.8, 3),
            ("x", "accuracy", 1, 1, 1, 1, 3),
        ],
        columns=["other", "metric", "difference", "low", "high", "effect", "seeds"],
    )
    table = effect_sizes(rows, NAMES).data
    assert list(table.index) == [("accuracy, points", "GAN"), ("identity distance", "GAN")]
    assert table.loc[("accuracy, points", "GAN")].tolist() == ["10.0", "5.0", "15.0", "0.80", "3"]
    assert table.loc[("identity distance", "GAN"), "difference"] == "0.000", "no negative zero"
