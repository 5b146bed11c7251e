"""Notebooks that could draw nothing, and labels that cannot be told apart, are refused before any training."""

import pytest
import yaml

from insm.config.notebooks import NEEDS
from insm.config.study import load_study
from tests import ROOT

STUDY = """
name: own
seeds: [0]
tasks:
  mine:
    data: { dataset: "folder:Hat,Male", size: 32, train: 64, test: 8 }
    training: { updates: 1, batch: 8 }
    methods: [plain, other]
methods:
  plain: { method: init, generator: { width: 8 } }
  other: { method: init, generator: { width: 8 }, lambda_rec: 3 }
"""


@pytest.fixture
def load(tmp_path):
    """Load the study with other notebooks, dataset or settings of the variant `other`."""

    def run(notebooks=(), dataset="folder:Hat,Male", **other):
        study = yaml.safe_load(STUDY)
        study["tasks"]["mine"]["data"]["dataset"] = dataset
        study["notebooks"], study["methods"]["other"] = list(notebooks), study["methods"]["other"] | other
        (tmp_path / "own.yaml").write_text(yaml.safe_dump(study))
        return load_study(tmp_path / "own.yaml")

    return run


def test_a_study_of_ones_own_has_the_notebooks_that_can_draw_it(load, complains):
    assert load(["figure4", "diagnostics", "sensitivity"]).notebooks == ("figure4", "diagnostics", "sensitivity")
    assert load(["figure6"], "folder:Hat").notebooks == ("figure6",)
    assert load(["table3"], paper_row="a").notebooks == ("table3",)
    assert load(["table1", "figure1", "figure5", "verdict"], "portraits").notebooks
    for notebook in ("table1", "table2", "table3", "figure1", "figure5", "figure6", "verdict"):
        with complains("key notebooks", notebook, "leave", "own.yaml"):
            load([notebook])
    with complains("figure4 needs a task of several attributes"):
        load(["figure4"], "vistas")


def test_two_variants_of_a_task_have_different_labels(load, complains):
    assert load(label="Other")
    with complains("tasks.mine.methods", "plain and other", "'plain'"):
        load(label="plain")


def test_every_notebook_with_a_need_exists():
    assert set(NEEDS) <= {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
