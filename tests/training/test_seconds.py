"""`insm estimate --measure`: seconds of every training of a study, from real steps."""

import pytest
import torch

from insm.config.plan import run_config
from insm.config.study import load_study
from insm.training import capture
from insm.training.estimate import Seconds, by_rule, estimates
from insm.training.seconds import measured, seconds_of_a_step
from tests import ROOT

pytestmark = pytest.mark.slow

TINY = load_study(ROOT / "tests/workflow/tiny.yaml")
LAND = TINY.tasks["land"].model_copy(update={"methods": ("plain",)})
METHOD = TINY.methods["plain"] | {"aiw": {"enabled": True}, "mst": {"hops": 2}}  # so that it needs phi
STUDY = TINY.model_copy(update={"tasks": {"land": LAND}, "methods": {"plain": METHOD}})
NAMES = ("classifier", "embedding", "identity_encoder", "plain")


def test_each_training_is_measured_with_one_job_s_start():
    found = measured(STUDY)
    assert list(found) == [("land", name) for name in NAMES]
    assert all(seconds.job > 0 and seconds.step > 0 for seconds in found.values())
    assert len({seconds.job for seconds in found.values()}) == 1


def test_seconds_are_those_of_a_job_and_all_its_steps():
    study = STUDY.model_copy(update={"seeds": (0, 1, 2)})
    table = estimates(study, 1, 1, {("land", name): Seconds(10, k) for k, name in enumerate(NAMES, 1)})
    assert table.seconds.tolist() == [10 + 2 * 1, 10 + 2 * 2, 10 + 2 * 3, 10 + 4 * 4, 12 + 14 + 16 + 3 * 26]
    rules = by_rule(study, table, 1).set_index("rule").seconds
    assert rules["train"] == 3 * 26 and rules["classifier"] == 12 and rules["total"] == table.seconds.iloc[-1]


def test_steps_are_measured_in_the_arithmetic_of_the_run(monkeypatch):
    captured, use = [], capture.use
    monkeypatch.setattr(capture, "use", lambda updates: (captured.append(updates), use(updates)))
    keys = {"channels_last": True, "cuda_graphs": True}
    task = LAND.model_copy(update={"training": LAND.training.model_copy(update=keys)})
    study = STUDY.model_copy(update={"tasks": {"land": task}})
    assert seconds_of_a_step(run_config(study, "land", "plain", 0), task, torch.device("cpu")) > 0
    (updates,) = captured
    assert updates.apply.recorded.keys() == updates.method.config.schedule.keys()
    weights = [x for x in updates.method.parameters() if x.ndim == 4 and x.shape[1] > 1 and x.shape[2] > 1]
    assert weights and all(x.is_contiguous(memory_format=torch.channels_last) for x in weights)


@pytest.mark.skipif(not torch.cpu._is_avx512_bf16_supported(), reason="this processor has no instructions for bf16")
def test_steps_in_bf16_are_measured_where_nothing_was_computed_before():
    """Here the pretraining before them was, in fp32: they would be refused."""
    task = LAND.model_copy(update={"training": LAND.training.model_copy(update={"precision": "bf16"})})
    found = measured(STUDY.model_copy(update={"tasks": {"land": task}}))
    assert found["land", "plain"].step > 0
