"""What figures and tables print, in words and in order."""

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("seaborn")

from insm.plotting import first_seeds, picture_grid, rows_beside, wish


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (("No_Beard", 0), "beard"), (("No_Beard", 1), "no beard"), (("Male", 0), "female"), (("Young", 0), "old"),
        (("Smiling", 0), "not smiling"), (("Black_Hair", 1), "black hair"), (("Bangs", 0), "no bangs"),
    ],
)  # fmt: skip
def test_edits_in_words(edit, words):
    assert wish(*edit) == words


def test_the_first_seed_of_each_entry_in_the_figures_order(tmp_path):
    for name in ("zebra/seed0", "init-c/seed10", "init-c/seed9", "stargan/seed1", "stargan/combined-seed0"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.npy").touch()
    found = {entry: path.stem for entry, path in first_seeds(tmp_path).items()}
    assert list(found.items()) == [("stargan", "seed1"), ("init-c", "seed9"), ("zebra", "seed0")]
    assert list(first_seeds(tmp_path, "combined-seed")) == ["stargan"]


def test_rows_of_both_sources_are_told_apart():
    table = pd.DataFrame(
        {"source": ["study", "paper"], "method": "stargan", "entry": ["stargan", "StarGAN"], "frechet": [1.0, None]}
    )
    html = rows_beside(table, {"frechet": ("Frechet", "to photo")}).format("{:.2f}", na_rep="-").to_html()
    for text in ("StarGAN, paper", "to photo", "1.00", "italic"):
        assert text in html


def test_pictures_of_a_grid_are_equal_squares():
    pictures = np.zeros((2, 8, 8, 3), dtype=np.uint8)
    figure = picture_grid({"one": pictures, "two": pictures, "three": pictures}, ["a", "b"], cell=0.5)
    figure.canvas.draw()
    boxes = [axis.get_window_extent() for axis in figure.axes]
    assert [box.width for box in boxes] == pytest.approx([boxes[0].width] * 6)
    assert [box.height for box in boxes] == pytest.approx([boxes[0].width] * 6)
