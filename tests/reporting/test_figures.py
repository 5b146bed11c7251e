"""Curves, intervals and image grids: what they show, in which order and colour."""

import re

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

pytest.importorskip("seaborn")

from insm.reporting.figures import against, differences_figure, image_grid, keep, use_style


def test_images_of_a_grid_are_equal_squares():
    images = np.zeros((2, 8, 8, 3), dtype=np.uint8)
    figure = image_grid({"one": images, "two": images, "three": images}, ["a", "b"], cell=0.5)
    figure.canvas.draw()
    boxes = [axis.get_window_extent() for axis in figure.axes]
    assert [box.width for box in boxes] == pytest.approx([boxes[0].width] * 6)
    assert [box.height for box in boxes] == pytest.approx([boxes[0].width] * 6)


DIFFERENCES = pd.DataFrame(
    [
        ("a", "init", "accuracy", 0.1, 0.05, 0.2, 0.5),
        ("init", "b", "accuracy", 0.01, -0.02, 0.04, 0.1),
        ("a", "b", "accuracy", 0.11, 0.1, 0.12, 0.6),
    ],
    columns=["variant", "other", "metric", "difference", "low", "high", "effect"],
)


def test_differences_are_turned_so_that_one_variant_stands_first():
    rows = against(DIFFERENCES, "init").set_index("other")
    assert (rows.variant == "init").all() and list(rows.index) == ["a", "b"]
    assert rows.loc["a", ["difference", "low", "high", "effect"]].tolist() == pytest.approx([-0.1, -0.2, -0.05, -0.5])
    assert rows.loc["b", ["difference", "low", "high", "effect"]].tolist() == pytest.approx([0.01, -0.02, 0.04, 0.1])


def place(line) -> float:
    return line.get_ydata()[0]


def test_differences_that_may_be_none_are_grey():
    figure = differences_figure(against(DIFFERENCES, "init"), {"b": "B", "a": "A", "c": "C"})
    [axis] = figure.axes
    assert axis.get_title() == "accuracy, points"
    assert [text.get_text() for text in axis.get_yticklabels()] == ["B", "A"], "c was not compared"
    lines = {
        round(line.get_ydata()[0]): line for line in axis.lines if len(line.get_xdata()) == 2 and line.get_lw() > 1
    }
    b, a = lines[0], lines[1]
    assert b.get_xdata() == pytest.approx([-2, 4]) and b.get_color() == "0.6"
    assert a.get_xdata() == pytest.approx([-20, -5]) and a.get_color() != "0.6"


def test_a_kept_figure_is_the_same_bytes_every_time(tmp_path):
    use_style()
    for folder in ("one", "two"):
        figure = image_grid({"a": [np.full((4, 4, 3), 9, np.uint8)] * 2}, ["x", "y"])
        assert keep(figure, tmp_path / folder, "grid") is figure
    for name, head in (("grid.pdf", b"%PDF"), ("grid.png", b"\x89PNG")):
        first = (tmp_path / "one" / name).read_bytes()
        assert first.startswith(head) and first == (tmp_path / "two" / name).read_bytes()


def test_text_is_drawn_with_the_font_that_comes_with_matplotlib(tmp_path):
    """A machine with Arial draws the same bytes as one without."""
    use_style()
    assert plt.rcParams["font.family"] == ["sans-serif"] and plt.rcParams["font.sans-serif"] == ["DejaVu Sans"]
    figure, axis = plt.subplots()
    axis.set_title(r"a $\kappa$ b")
    keep(figure, tmp_path, "text")
    fonts = re.findall(rb"/BaseFont /(?:[A-Z]+\+)?([\w-]+)", (tmp_path / "text.pdf").read_bytes())
    assert fonts and all(font.startswith(b"DejaVuSans") for font in fonts)


def test_differences_of_a_metric_that_is_new_get_a_panel():
    rows = against(DIFFERENCES.assign(metric="sharpness"), "init")
    figure = differences_figure(pd.concat([rows, against(DIFFERENCES, "init")]), {"a": "A"})
    assert [axis.get_title() for axis in figure.axes] == ["accuracy, points", "sharpness"]


def test_the_style_is_legible_and_tells_colours_apart():
    use_style()
    sizes = [plt.rcParams[key] for key in ("axes.titlesize", "axes.labelsize", "xtick.labelsize", "legend.fontsize")]
    assert min(sizes) >= 7 and plt.rcParams["pdf.fonttype"] == 42, "letters stay text"
    palette = [matplotlib.colors.to_hex(variant["color"]) for variant in plt.rcParams["axes.prop_cycle"]]
    assert palette[:4] == ["#0173b2", "#de8f05", "#029e73", "#d55e00"], "seaborn's colorblind palette"
