"""The study for a GPU."""

from insm.config.study import load_study
from tests import ROOT


def test_its_steps_are_recorded():
    study = load_study(ROOT / "config/gpu.yaml")
    assert all(task.training.cuda_graphs and task.training.gpus == 1 for task in study.tasks.values())
    assert study.device != "cpu"
