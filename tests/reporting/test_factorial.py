"""Factorial, dots, learning curves and the plane of a study whose numbers were made up."""

import json

import pytest

pytest.importorskip("seaborn")

import pandas as pd

from insm.reporting import factorial
from insm.reporting.plane import content_curves, plane
from insm.reporting.tables import write_table

CELLS = {"full": ("c", 0.80), "aiw": ("d", 0.76), "mst": ("a", 0.74), "plain": ("e", 0.70)}


@pytest.fixture
def results(tmp_path):
    """A study of the four cells, three seeds each, and a variant with half the content term."""
    rows = [(name, "init", None, name.upper(), row) for name, (row, _) in CELLS.items()]
    rows.append(("half", "init", None, "HALF", None))
    columns = ["variant", "method", "intensity", "label", "paper_row"]
    write_table(pd.DataFrame(rows, columns=columns), tmp_path / "config/faces/variants.csv")
    numbers = [
        ("faces", name, str(seed), metric, "mean", value + (seed - 1) / 100, 9)
        for name, value in [*((name, value) for name, (_, value) in CELLS.items()), ("half", 0.9)]
        for seed in range(3)
        for metric in ("accuracy", "counterfactual_l1")
    ] + [("faces", "no edit", "", metric, "mean", 0.1, 9) for metric in ("accuracy", "counterfactual_l1")]
    columns = ["task", "variant", "seed", "metric", "scope", "value", "samples"]
    write_table(pd.DataFrame(numbers, columns=columns), tmp_path / "tables/metrics.csv")
    weights = {name: {"lambda_rec": 1, "hops": k} for k, name in enumerate(CELLS)} | {
        "half": {"lambda_rec": 0.5, "hops": 0}
    }
    runs = {
        name: {"0": {"task": "faces", "variant": name, "seed": 0, "method": method}} for name, method in weights.items()
    }
    content = {"train": {"size": 8}, "embedding": {}, "runs": runs}
    (tmp_path / "config/faces/settings.json").write_text(json.dumps(content))
    return str(tmp_path)


def test_effects_are_those_of_a_two_by_two(results):
    """Means 0.80, 0.76, 0.74, 0.70: AIW 0.06, MST 0.04, no interaction; t with 8 degrees of freedom, 0.01 / sqrt(3)."""
    table = factorial.effects(results, "faces")
    assert list(table.index) == ["accuracy", "L1 to truth"]
    assert table.loc["accuracy", "AIW"] == "+6.0 points (+4.7 points to +7.3 points)"
    assert table.loc["accuracy", "MST"] == "+4.0 points (+2.7 points to +5.3 points)"
    assert (
        table.loc["accuracy", "interaction"].startswith("+0.0 points")
        or table.loc["accuracy", "interaction"][1:4] == "0.0"
    )


def test_figures_have_a_dot_for_every_training(results):
    figure = factorial.factorial_figure(results, "faces")
    dots = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert sum(len(line.get_xdata()) for line in dots) == 12
    figure = factorial.seeds_figure(results, "faces", {"full": "FULL", "half": "HALF", "gone": "GONE"})
    dots = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert [line.get_xdata().tolist() for line in dots] == [pytest.approx([79, 80, 81]), pytest.approx([89, 90, 91])]


def test_a_study_without_a_cell_has_no_factorial(results, tmp_path):
    path = tmp_path / "config/faces/variants.csv"
    path.write_text(path.read_text().replace(",a\n", ",\n"))
    assert factorial.effects(results, "faces") is None and factorial.factorial_figure(results, "faces") is None


def test_learning_curves_are_drawn_where_they_were_measured(results, tmp_path):
    assert factorial.learning_curves(results, "faces", {"full": "FULL"}) is None
    rows = [("full", seed, step, "r2", step / 10 + seed) for seed in (0, 1) for step in (1, 2)]
    curves = pd.DataFrame(rows, columns=["variant", "seed", "step", "metric", "value"])
    write_table(curves, tmp_path / "tables/curves-faces.csv")
    [axis] = factorial.learning_curves(results, "faces", {"full": "FULL", "half": "HALF"}).axes
    assert axis.lines[0].get_xdata().tolist() == [50, 100] and axis.lines[0].get_ydata() == pytest.approx([60, 70])
    assert [line.get_ydata().round().tolist() for line in axis.lines[1:3]] == [[10, 20], [110, 120]], "every training"


def test_the_plane_joins_what_differs_in_the_content_term_alone(results):
    assert content_curves(results, "faces")["full"] == {"half": 0.5, "full": 1.0}
    assert all(len(curve) == 1 for first, curve in content_curves(results, "faces").items() if first != "full")
    [axis] = plane(results, "faces").axes
    line = next(line for line in axis.lines if len(line.get_xdata()) == 2)
    assert line.get_ydata() == pytest.approx([90, 80]) and axis.xaxis_inverted()
    dots = [line for line in axis.lines if line.get_markersize() == 2]
    assert all(len(line.get_xdata()) > 1 for line in dots)


def test_names_in_the_plane_do_not_cover_one_another(results):
    figure = plane(results, "faces")
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert len(boxes) > 3
    for k, box in enumerate(boxes):
        assert not box.count_overlaps(boxes[k + 1 :])
        assert box.x1 <= figure.axes[0].get_window_extent().x1
