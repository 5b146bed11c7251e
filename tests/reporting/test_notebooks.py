"""The notebooks draw any study: their cells run over small results with tasks, datasets and methods of one's own."""

import json

import matplotlib.figure
import matplotlib.pyplot
import pytest

pytest.importorskip("seaborn")
pytest.importorskip("IPython")

from tests import ROOT
from tests.reporting.small_study import FULL, LONGER, OTHER, PLAIN, write_study

NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
OWN = {"mine": "folder:Hat,Male", "one": "folder:NA"}
PAPER = {"faces": "portraits", "views": "vistas", "shoes": "footwear"}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Studies: the paper's tasks; one's own tasks, attributes and a single method; no metric but a set distance."""
    folder = tmp_path_factory.mktemp("studies")
    return {
        "paper": write_study(folder / "paper", PAPER, (FULL, PLAIN, LONGER, OTHER)),
        "own": write_study(folder / "own", OWN, [("gan", "stargan", None, "My GAN", None, {"lr": 1})]),
        "distances": write_study(folder / "distances", {"faces": "portraits", "shoes": "footwear"}, per_image=False),
    }


@pytest.fixture
def execute(folders, monkeypatch, tmp_path):
    """Run the code cells of a notebook over a study -> the names of the figures that it kept."""
    matplotlib.use("Agg")
    save = matplotlib.figure.Figure.savefig
    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", lambda *args, **options: save(*args, dpi=40, **options))
    monkeypatch.chdir(ROOT / "notebooks")

    def run(name, study, tasks=""):
        folder = folders[study]
        values = {
            "results": str(folder / "results"),
            "data": str(folder / "data"),
            "figures": str(tmp_path),
            "tasks": tasks,
        }
        namespace = {}
        cells = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
        for cell in cells:
            if cell["cell_type"] == "code":
                exec("".join(cell["source"]), namespace)
                if "parameters" in cell["metadata"].get("tags", []):
                    assert set(values) == {key for key in namespace if not key.startswith("__")}
                    namespace |= values
        matplotlib.pyplot.close("all")
        return sorted(path.stem for path in tmp_path.glob("*.png"))

    return run


@pytest.mark.parametrize("study", ["paper", "own"])
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_draws_what_the_study_has(execute, capsys, name, study):
    kept = execute(name, study)
    expected = {
        ("figure4", "own"): ["mine-variants-image1", "mine-variants-image2"],
        ("figure6", "own"): ["one-to-na", "one-to-no-na"],
        ("figure6", "paper"): ["shoes-to-edges", "shoes-to-photo", "views-to-summer", "views-to-winter"],
        ("figure5", "paper"): ["faces-methods", "faces-variants"],
        ("diagnostics", "own"): ["mine-losses", "mine-weights", "one-losses", "one-weights"],
    }
    if (name, study) in expected:
        assert kept == expected[name, study]
    elif study == "own" and name in ("table1", "table2", "table3", "figure1", "figure5"):
        assert not kept and "No task of this study has what this notebook draws." in capsys.readouterr().out
    else:
        assert kept or (name, study) == ("sensitivity", "own")


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_study_that_measured_set_distances_alone_is_drawn(execute, name):
    execute(name, "distances")


def test_tasks_can_be_chosen(execute):
    assert execute("figure6", "paper", "views") == ["views-to-summer", "views-to-winter"]
