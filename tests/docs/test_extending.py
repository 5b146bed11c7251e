"""docs/extending.md keeps its promise: its method, variant and test work as they are printed."""

import re

import pandas as pd
import pytest
import yaml

import insm.methods
from insm.config.jobs import RunConfig, TrainingConfig, method_config
from insm.networks.method import METHODS
from insm.training.trainer import Trainer
from tests import ROOT

PAGE = (ROOT / "docs" / "extending.md").read_text()
METHOD, TEST = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
(VARIANT,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def trained(tmp_path, monkeypatch, shoes):
    """Put the page's method where methods are, train its variant on pairs of footwear, return the log."""
    folder = tmp_path / "methods"
    folder.mkdir()
    (folder / "regression.py").write_text(METHOD)
    monkeypatch.setattr(insm.methods, "__path__", [*insm.methods.__path__, str(folder)])

    def trained(name: str, updates: int) -> pd.DataFrame:
        config = method_config(yaml.safe_load(VARIANT)[name], f"methods.{name}")
        run = RunConfig(
            task="shoes", variant=name, seed=0, device="cpu", dataset="footwear", size=32,
            training=TrainingConfig(updates=updates, batch=8, sampling="balanced", target="flip", log_every=1),
            method=config.model_dump(mode="json"),
        )  # fmt: skip
        outputs = (tmp_path / "model.pt", tmp_path / "log.csv", tmp_path / "samples.png")
        Trainer(run, shoes, None, tmp_path / "state", tmp_path / "board").fit(*outputs)
        return pd.read_csv(outputs[1])

    return trained


def test_the_page_s_method_is_found_trains_and_passes_its_test(trained):
    names = {}
    exec(TEST, names)
    names["test_the_distance_to_the_partner_falls"](trained)
    assert METHODS.load("regression").Method.players == ("generator",)


def test_without_the_file_there_is_no_such_method():
    assert "regression" not in METHODS.names()
