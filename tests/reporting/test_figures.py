"""What figures and tables print, in words and in order."""

import re

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

pytest.importorskip("seaborn")

from insm.reporting.figures import against, differences_figure, first_seeds, image_grid, keep, rows_beside, use_style
from insm.reporting.names import labels, leaders, target_edit


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (("No_Beard", 0), "beard"), (("No_Beard", 1), "no beard"), (("Male", 0), "female"), (("Young", 0), "old"),
        (("Smiling", 0), "not smiling"), (("Black_Hair", 1), "black hair"), (("Bangs", 0), "no bangs"),
    ],
)  # fmt: skip
def test_edits_in_words(edit, words):
    assert target_edit(*edit) == words


def test_the_first_seed_of_each_variant_in_the_figures_order(tmp_path):
    for name in ("zebra/seed0", "init-c/seed10", "init-c/seed9", "stargan/seed1", "stargan/combined-seed0"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.npy").touch()
    found = {variant: path.stem for variant, path in first_seeds(tmp_path).items()}
    assert list(found.items()) == [("stargan", "seed1"), ("init-c", "seed9"), ("zebra", "seed0")]
    assert list(first_seeds(tmp_path, "combined-seed")) == ["stargan"]


def test_variants_are_labelled_with_their_edits_and_led_by_the_first_of_each_method(tmp_path):
    (tmp_path / "config" / "faces").mkdir(parents=True)
    (tmp_path / "config" / "faces" / "variants.csv").write_text(
        "variant,method,intensity\nstgan,stgan,2.0\ninit-c,init,\ninit-a,init,\nmine,attgan,1.0\n"
    )
    assert labels(tmp_path, "faces") == {
        "stgan": "STGAN (2 x edits)", "init-c": "(c) INIT", "init-a": "(a) w/o AIW", "mine": "mine (1 x edits)"
    }  # fmt: skip
    assert leaders(tmp_path, "faces") == ["stgan", "init-c", "mine"]
    assert leaders(tmp_path, "faces", ["init", "attgan"]) == ["init-c", "mine"]


def test_rows_of_both_sources_are_told_apart():
    table = pd.DataFrame({"source": ["study", "paper"], "method": "stargan", "variant": ["stargan", "StarGAN"]})
    table = table.assign(intensity=None, frechet=[1.0, None])
    html = rows_beside(table, {"frechet": ("Frechet", "to photo")}).format("{:.2f}", na_rep="-").to_html()
    for text in ("StarGAN, paper", "to photo", "1.00", "italic"):
        assert text in html


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


def test_only_the_winner_is_bold():
    rows = [("study", "gan", "gan"), ("study", "init", "init-c"), ("paper", "init", "INIT")]
    table = pd.DataFrame(rows, columns=["source", "method", "variant"]).assign(intensity=None, mean=[1, 2, 3], fid=0)
    html = rows_beside(table, {"mean": "mean", "fid": "FID"}, {"mean": "init-c", "fid": None}).to_html()
    bold = re.findall(r"#T_\w+_row(\d+)_col(\d+)[^{]*{[^}]*font-weight: bold", html)
    assert bold == [("1", "0")]
    assert "bold" not in rows_beside(table, {"mean": "mean"}, {"mean": None}).to_html()


def test_a_kept_figure_is_the_same_bytes_every_time(tmp_path):
    use_style()
    for folder in ("one", "two"):
        figure = image_grid({"a": [np.full((4, 4, 3), 9, np.uint8)] * 2}, ["x", "y"])
        assert keep(figure, tmp_path / folder, "grid") is figure
    for name, head in (("grid.pdf", b"%PDF"), ("grid.png", b"\x89PNG")):
        first = (tmp_path / "one" / name).read_bytes()
        assert first.startswith(head) and first == (tmp_path / "two" / name).read_bytes()


def test_the_style_is_legible_and_tells_colours_apart():
    use_style()
    sizes = [plt.rcParams[key] for key in ("axes.titlesize", "axes.labelsize", "xtick.labelsize", "legend.fontsize")]
    assert min(sizes) >= 7 and plt.rcParams["pdf.fonttype"] == 42, "letters stay text"
    colours = [matplotlib.colors.to_hex(variant["color"]) for variant in plt.rcParams["axes.prop_cycle"]]
    assert colours[:4] == ["#0173b2", "#de8f05", "#029e73", "#d55e00"], "seaborn's colorblind palette"
