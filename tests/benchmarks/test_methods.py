"""The benchmark of training: our side and the convolutions in miniature, research code by a stand-in, and the page."""

import json
import subprocess
import sys

import pytest

from insm.support.files import read_json
from tests import ROOT

FOLDER = ROOT / "benchmarks"
RESEARCH = """
class AttGAN:
    def __init__(self, arguments):
        assert "lambda_gp" in arguments and arguments.img_size == 16
        print("what research code prints")

    def trainD(self, image, labels, half, target, half_target):
        assert image.shape == (2, 3, 16, 16) and labels.shape == target.shape == (2, 13)

    def trainG(self, *given):
        self.trainD(*given)
"""


@pytest.fixture
def modules(monkeypatch):
    """The scripts of the folder as modules, which are gone afterwards."""
    monkeypatch.syspath_prepend(str(FOLDER))
    import sides
    import tables

    yield sides, tables
    for name in ("sides", "tables", "peers", "stepping", "machine", "methods", "measuring"):
        sys.modules.pop(name, None)


def test_ours_and_the_convolutions_are_measured_once(tmp_path):
    output = tmp_path / "methods.json"
    small = ["--methods", "pix2pix", "--cpu", "AVX2", "--size", "16", "--batch", "2", "--rounds", "2"]
    command = [sys.executable, FOLDER / "methods.py", *small, "--output", output]
    first = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rows = read_json(output)
    assert [row["side"] for row in rows] == ["ours", "floor"] and len(first.splitlines()) == 2
    assert all(len(row["seconds"]) == 2 and min(row["seconds"]) > 0 and row["gflop"] > 0 for row in rows)
    assert rows[0]["processor"] == rows[1]["processor"]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == ""
    assert read_json(output) == rows


def test_research_code_makes_a_step_of_each_kind_when_it_is_asked(tmp_path):
    (tmp_path / "attgan.py").write_text(RESEARCH)
    command = [sys.executable, FOLDER / "sides.py", "peer", "attgan", tmp_path, "16", "2"]
    done = subprocess.run(command, input="go\ngo\n", check=True, capture_output=True, text=True)
    numbers, *seconds = map(json.loads, done.stdout.splitlines())
    assert numbers == [5, 1] and [len(each) for each in seconds] == [2, 2]
    assert "what research code prints" in done.stderr


def test_both_sides_are_measured_for_the_page_of_a_gpu(tmp_path, modules):
    import measuring

    (tmp_path / "attgan.py").write_text(RESEARCH)
    found = measuring.beside_peer("attgan, 16 px", {"attgan": str(tmp_path)}, batch=2, rounds=1, device="cpu")
    assert found["seconds"].keys() == {"ours", "peer"} and found["seconds"]["ours"] > 0


def test_a_side_that_fails_is_told(tmp_path):
    options = ["--methods", "stgan", "--peer", f"stgan={tmp_path}", "--cpu", "AVX2", "--size", "16", "--batch", "2"]
    command = [sys.executable, FOLDER / "methods.py", *options, "--output", tmp_path / "methods.json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 1 and "stgan, peer: the process failed" in done.stderr and "agents" in done.stderr


def test_a_round_has_five_updates_of_d_and_one_of_g(modules):
    sides, _ = modules
    rounds = {method: sides.round_of(method, 128) for method in ("stargan", "attgan", "stgan", "cyclegan", "pix2pix")}
    assert rounds == {
        "stargan": {0: 4, 4: 1},  # the fifth step has both
        "attgan": {0: 5, 5: 1},  # the sixth has G's alone
        "stgan": {0: 5, 5: 1},
        "cyclegan": {0: 1},
        "pix2pix": {0: 1},
    }


def test_the_page_is_written_from_the_measurements(modules):
    _, tables = modules
    page = (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")
    for table in (tables.training_table(), tables.precision_table(), tables.estimates_table()):
        assert table in page
    assert tables.FIGURE.exists() and str(tables.FIGURE.relative_to(ROOT / "docs")) in page
