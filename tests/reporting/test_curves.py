"""Curves of training logs: colours, panels and outliers."""

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("seaborn")

from insm.reporting.curves import WEIGHTS, colours, curves, loss_columns
from insm.reporting.figures import outliers


def test_a_variant_keeps_its_colour_and_empty_panels_are_left_out():
    names = {"a": "A", "b": "B", "c": "C"}
    steps = pd.Series([1, 2, 3])
    logs = {
        "A": pd.DataFrame({"step": steps, "loss": [1.0, 2.0, 3.0]}),
        "B": pd.DataFrame({"step": steps, "loss": [2.0, 2.0, 2.0], "kappa": [0.1, 0.2, 0.3], "nothing": np.nan}),
    }
    figure = curves(logs, {"loss": "loss", "kappa": "kappa", "nothing": "nothing", "absent": "x"}, colours(names), 1)
    loss, kappa = figure.axes
    assert (loss.get_title(), kappa.get_title()) == ("loss", "kappa")
    assert loss.lines[1].get_color() == kappa.lines[0].get_color() != loss.lines[0].get_color()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["A", "B"]
    assert len(set(colours({str(k): str(k) for k in range(14)}).values())) == 14


def test_an_outlier_does_not_flatten_the_other_curves():
    flat = {name: pd.Series([k, k + 1.0]) for k, name in enumerate("abc")}
    assert outliers(flat) == [] and outliers(flat | {"far": pd.Series([0.0, 100.0])}) == ["far"]
    assert outliers({"a": flat["a"], "far": pd.Series([0.0, 100.0])}) == [], "which of two is the outlier?"
    same = {name: pd.Series([1.0, 1.0]) for name in "abc"}
    assert outliers(same | {"far": pd.Series([1.0, 2.0])}) == [], "nothing to zoom into"
    logs = {name: pd.DataFrame({"step": [1, 2], "loss": curve}) for name, curve in flat.items()}
    logs["far"] = pd.DataFrame({"step": [1, 2], "loss": [0.0, 100.0]})
    [axis] = curves(logs, {"loss": "loss"}, colours({name: name for name in logs}), 1).axes
    assert axis.get_ylim()[1] < 4 and axis.get_title() == "loss\noff the axis: far"


def test_loss_terms_of_any_method_are_found():
    logs = {
        "A": pd.DataFrame(columns=["step", "adv", "real", "kappa", "weight_mean"]),
        "B": pd.DataFrame(columns=["step", "real", "my_term", "cyc"]),
    }
    assert loss_columns(logs) == {
        "real": "D: real images", "adv": "G: adversarial", "cyc": "G: cycle", "my_term": "my_term"
    }  # fmt: skip
    assert curves(logs, WEIGHTS, {}) is None, "no run has logged a weight"
    many = {f"term {k}": f"term {k}" for k in range(6)}
    log = pd.DataFrame({"step": [1, 2]} | {name: [0.0, 1.0] for name in many})
    assert len(curves({"A": log}, many, colours({"a": "A"})).axes) == 6, "wrapped, and no empty panel"
