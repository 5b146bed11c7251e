"""Shared fixtures. `insm` comes before torch, so that its settings for bitwise reproducibility take effect."""

import insm  # noqa: F401

# isort: split
from jaxtyping import install_import_hook

import tests.shapes  # noqa: F401

# Before these modules are imported: the shapes in their annotations are checked at every call
install_import_hook(["insm.data.batch", "insm.losses"], "tests.shapes.checked")

# isort: split
import os
from contextlib import contextmanager

import pandas as pd
import pytest
import torch

from insm.config.jobs import BudgetConfig, RunConfig, RuntimeConfig
from insm.data.dataset import load_dataset
from insm.support.errors import UserError
from insm.training.trainer import Trainer
from tests.data.download.local_server import files, get, second, server, slept  # noqa: F401 (fixtures)

torch.set_num_threads(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Processes that share the tests, a file at a time, begin with the longest: those with studies."""

    def begins(item: pytest.Item) -> tuple[bool, bool]:
        return "smoke" not in getattr(item, "fixturenames", ()), item.path.parent.name != "workflow"

    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=begins)


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """No progress lines."""
    monkeypatch.setenv("INSM_QUIET", "1")


@pytest.fixture(scope="session")
def portraits():
    return load_dataset("portraits")


@pytest.fixture(scope="session")
def split(portraits):
    """24 portraits of 32 px, read-only."""
    split = portraits.build("train", 24, 32, 0)
    split.images.setflags(write=False)
    return split


@pytest.fixture(scope="session")
def shoes():
    """A paired set: 24 rows of 32 px, read-only."""
    split = load_dataset("footwear").build("train", 24, 32, 0)
    split.images.setflags(write=False)
    return split


@pytest.fixture
def trained(tmp_path, shoes):
    """`trained(settings, updates)` trains a method variant on the pairs of `shoes` -> its log, a row a step."""

    def train(settings: dict, updates: int) -> pd.DataFrame:
        training = BudgetConfig(updates=updates, batch=8, sampling="balanced", target="flip")
        run = RunConfig(
            task="shoes", variant="test", seed=0, dataset="footwear", size=32, training=training, method=settings
        )
        outputs = [tmp_path / name for name in ("model.safetensors", "log.csv", "samples.png")]
        Trainer(run, shoes, None, tmp_path / "state", tmp_path / "board", RuntimeConfig(device="cpu", log_every=1)).fit(
            *outputs
        )
        return pd.read_csv(outputs[1])

    return train


@pytest.fixture
def complains():
    """`with complains(*words):` wants a UserError of one line that holds all the words."""

    @contextmanager
    def check(*words):
        with pytest.raises(UserError) as error:
            yield
        message = str(error.value)
        assert "\n" not in message
        for word in map(str, words):
            assert word in message

    return check
