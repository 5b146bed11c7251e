"""What jobs need of a machine."""

import pytest

from insm.config.study import load_study
from insm.training.needs import HOST, needs_of
from tests import ROOT


@pytest.fixture
def needs(tmp_path):
    """A function that gives the needs of the smoke study, with other text in its file."""

    def make(old="", new=""):
        path = tmp_path / "smoke.yaml"
        path.write_text((ROOT / "config/smoke.yaml").read_text().replace(old, new))
        return needs_of(load_study(path))

    return make


def test_every_job_gets_its_libraries_and_what_it_computes(needs):
    for task in needs().values():
        jobs = [job for name, job in task.items() if name != "runs"]
        jobs += [job for run in task["runs"].values() for job in run.values()]
        assert all(job["mb"] >= HOST["cpu"] for job in jobs)
        assert all(run["train"]["flop"] > 0 and run["evaluate"]["flop"] > 0 for run in task["runs"].values())


def test_a_training_of_two_processes_needs_twice_the_memory(needs):
    one, two = (
        needs(*change)["portraits"] for change in ((), ("training: { updates: 8,", "training: { gpus: 2, updates: 8,"))
    )
    assert two["classifier"] == one["classifier"]
    for variant, run in one["runs"].items():
        assert two["runs"][variant]["train"]["mb"] == 2 * run["train"]["mb"]
