"""The study of docs/own-data.md works when pasted."""

import re

import numpy as np
import pytest
from PIL import Image

from insm.config.plan import plan_of
from insm.config.study import load_study
from insm.data.raw_files import lazy_split_of
from insm.support.errors import UserError
from tests import ROOT

PAGE = (ROOT / "docs/own-data.md").read_text(encoding="utf-8")


@pytest.fixture
def study(tmp_path, monkeypatch):
    """The page's study in a folder that has the page's images: 300 for training, 100 for the test."""
    monkeypatch.chdir(tmp_path)
    images = tmp_path / "photos/images"
    images.mkdir(parents=True)
    rows = [re.search(r"^file,.*$", PAGE, re.M)[0]]
    for number in range(400):
        Image.fromarray(np.full((8, 12, 3), number % 256, np.uint8)).save(images / f"{number:04}.png")
        rows.append(f"{number:04}.png,{number % 2},{number % 3 % 2},{'train' if number < 300 else 'test'}")
    (tmp_path / "photos/labels.csv").write_text("\n".join(rows))
    (tmp_path / "config").mkdir()
    (tmp_path / "config/methods").symlink_to(ROOT / "config/methods")
    file = tmp_path / "config/mine.yaml"
    file.write_text(re.search(r"^```yaml\n(.*?)^```$", PAGE, re.M | re.S)[1])
    return file


def test_it_is_accepted_and_planned(study):
    plan = plan_of(load_study(study))
    assert set(plan["tasks"]) == {"photos"}


def test_its_splits_have_the_images_that_the_table_gives_them(study):
    data = load_study(study).tasks["photos"].data
    for split, numbers in (("train", range(300)), ("test", range(300, 400))):
        table = lazy_split_of(data.split(split)).table
        assert sorted(table["file"]) == [f"images/{number:04}.png" for number in numbers]
        assert {"Smiling", "Glasses"} <= set(table)


def test_more_test_images_than_there_are_are_refused(study):
    study.write_text(study.read_text().replace("test: 100", "test: 101"))
    with pytest.raises(UserError, match="test"):
        load_study(study)
