"""Tests on a real SLURM: they need root on Debian and ten minutes; `make slurm-test` runs them."""

import os
import shutil
import subprocess

import pytest

from tests.slurm.trial import HERE, Trial, up

WANTED = "SLURM_TEST"
collect_ignore_glob = [] if os.environ.get(WANTED) else ["test_*.py"]


@pytest.fixture(scope="session", autouse=True)
def running_cluster():
    """The test cluster, stopped afterwards if it was not there before."""
    there = subprocess.run(["scontrol", "ping"], capture_output=True).returncode == 0 if _installed() else False
    up()
    yield
    if not there:
        subprocess.run(["bash", str(HERE / "cluster" / "down.sh")], check=True)


def _installed() -> bool:
    return shutil.which("scontrol") is not None


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("slurm")


@pytest.fixture(scope="session")
def study(folder):
    """The tiny study, run whole on the cluster."""
    trial = Trial(folder / "cluster", "tiny")
    done = trial.run(*trial.words())
    assert done.returncode == 0, done.stderr[-5000:]
    return trial
