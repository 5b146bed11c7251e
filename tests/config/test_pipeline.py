"""The pipelines of DVC are those of their studies."""

from pathlib import Path

import pytest
import yaml

from insm.config.pipeline import pipeline
from insm.config.study import load_study
from insm.support.vouching import pipeline_of
from tests import ROOT

PIPELINES = [ROOT / "dvc.yaml", *sorted(ROOT.glob("results/*/dvc.yaml"))]


@pytest.mark.parametrize("path", PIPELINES, ids=lambda path: path.parent.name)
def test_a_pipeline_is_as_its_study_says(path, monkeypatch):
    monkeypatch.chdir(ROOT)
    (name,) = yaml.safe_load(path.read_text())["stages"]
    file = Path("config", f"{name}.yaml")
    assert ROOT / pipeline_of(name) == path
    assert path.read_text() == pipeline(file, load_study(file), path.parent.relative_to(ROOT))


def test_a_pipeline_depends_on_all_that_is_read(monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    content = yaml.safe_load((ROOT / "dvc.yaml").read_text())
    stage = content["stages"]["study"]
    assert [*map(list, stage["params"])] == [["config/study.yaml"], ["config/methods/embedded.yaml"]]
    assert {"Snakefile", "docs/paper", "notebooks", "src/insm", "workflow/rules"} == set(stage["deps"])
    assert all(out["persist"] for entry in stage["outs"] for out in entry.values())


def test_every_study_with_results_has_a_pipeline():
    """But those whose outcomes are in git: their finished runs need no model."""
    studies = {path.parent.parent for path in ROOT.glob("results/*/tables/metrics.csv")}
    known = {(path.parent if path.parent != ROOT else ROOT / "results/study") for path in PIPELINES}
    assert {study for study in studies if not (study / "outcomes").exists()} <= known
