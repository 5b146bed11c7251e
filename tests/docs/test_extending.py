"""docs/extending.md keeps its promise: its ablation, method, variant, test and metric work as they are printed."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
import yaml

import insm.methods
from insm.config.inheritance import resolved_methods
from insm.config.jobs import method_config
from insm.evaluation.evaluator import chunked
from insm.networks.method import METHODS
from tests import ROOT

PAGE = (ROOT / "docs" / "extending.md").read_text()
METHOD, TEST, METRIC = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
ABLATION, VARIANT = (yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))


@pytest.fixture
def page(tmp_path, monkeypatch):
    """The page's method where methods are, and the names that its test defines."""
    folder = tmp_path / "methods"
    folder.mkdir()
    (folder / "regression.py").write_text(METHOD)
    monkeypatch.setattr(insm.methods, "__path__", [str(folder), *insm.methods.__path__])
    names = {}
    exec(TEST, names)
    return SimpleNamespace(**names)


def test_the_page_s_method_passes_the_page_s_test(page, trained):
    assert METHODS.load("regression").Method.players == ("generator",)
    page.test_the_distance_to_the_partner_falls(trained)


def test_the_page_s_test_trains_the_page_s_variant(page):
    settings = {key: value for key, value in VARIANT["methods"]["regression"].items() if key != "label"}
    assert method_config(settings, "") == method_config(page.SETTINGS, "")


def test_the_page_s_ablation_changes_one_setting():
    variants = resolved_methods(str(ROOT / ABLATION["methods_from"]), ABLATION["methods"])
    base, ablation = variants["init-c"], variants["init-r1"]
    assert {key for key in base | ablation if base.get(key) != ablation.get(key)} == {"label", "paper_row", "delta_l"}


def test_the_page_s_metric_compares_two_stacks_of_images():
    names = {}
    exec(METRIC, names)
    a = np.zeros((70, 4, 4, 3), dtype=np.uint8)
    b = a.copy()
    b[1, ..., 2] = 51  # a fifth of the range in one channel
    values = chunked(names["mean_colour"], a, b)
    assert values.shape == (70,) and values[1] == pytest.approx(0.2)
    assert np.delete(values, 1).max() == 0
