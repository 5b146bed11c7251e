"""The rehearsal of the real data sets runs, in miniature, from made-up archives on a mirror to trained models."""

import subprocess
import sys
from zipfile import ZipFile

import pandas as pd
import pytest

from insm.support.files import read_json
from tests import ROOT

STEPS = ["write", "fetch", "check", "prepare", "card", "train"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The folder of a rehearsal with a two-thousandth of the images."""
    place = tmp_path_factory.mktemp("rehearsal") / "r"
    command = [sys.executable, ROOT / "benchmarks/rehearsal.py", place, "--output", place.parent / "r.csv"]
    subprocess.run([*command, "--scale", "0.0005", "--size", "16", "--updates", "2"], check=True)
    return place


@pytest.mark.parametrize("name", ["celeba_hq", "yosemite", "edges2shoes"])
def test_every_set_goes_the_whole_way(place, name):
    (record,) = read_json(place / "data/raw" / name / "checksums.json").values()
    assert record["url"].startswith("http://127.0.0.1:")
    content = read_json(place / "data/rehearsal" / name / "card.json")
    assert content["splits"]["train"]["rows"] == content["splits"]["train"]["requested"] > 0
    assert all(counts["here"] for counts in content["raw_images"].values())
    assert (place / "results/rehearsal/runs" / name / "model.safetensors").exists()
    rows = pd.read_csv(place.parent / "r.csv").query("dataset == @name")
    assert rows["step"].tolist() == STEPS and (rows[["seconds", "bytes", "images"]] > 0).all(axis=None)


def test_names_are_the_real_ones(place):
    assert "summer2winter_yosemite/testA/2010-09-07 12:23:20.jpg" in names(place / "mirror/summer2winter_yosemite.zip")
    faces = names(place / "mirror/CelebAMask-HQ.zip")
    for name in ("CelebA-HQ-img/7.jpg", "CelebAMask-HQ-mask-anno/0/00000_skin.png"):
        assert f"CelebAMask-HQ/{name}" in faces
    unpacked = (path.name for path in (place / "data/raw/celeba_hq/CelebAMask-HQ").iterdir())
    assert sorted(unpacked) == [".unpacked.json", "CelebA-HQ-img", "CelebAMask-HQ-attribute-anno.txt"], "no masks"


def names(archive):
    """Names of a zip file's entries."""
    with ZipFile(archive) as file:
        return set(file.namelist())
