"""The numbers of a study in a few lines."""

import pandas as pd

from insm.reporting.summary import summary


def test_seeds_are_averaged_and_single_attributes_left_out():
    rows = [
        ("faces", "init", 0, "accuracy", "mean", 0.5),
        ("faces", "init", 1, "accuracy", "mean", 0.7),
        ("faces", "init", 0, "accuracy", "Smiling", 0.1),
        ("faces", "init", 0, "frechet_train", "all", 12.3456789),
        ("faces", "plain", 0, "accuracy", "mean", float("nan")),
        ("shoes", "no edit", None, "accuracy", "mean", 0.0),
    ]
    table = pd.DataFrame(rows, columns=["task", "variant", "seed", "metric", "scope", "value"])
    assert summary(table) == {
        "faces": {"init": {"accuracy": 0.6, "frechet_train": 12.345679}},
        "shoes": {"no edit": {"accuracy": 0.0}},
    }
