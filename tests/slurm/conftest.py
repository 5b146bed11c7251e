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
    """The test cluster; if it was not there before, it and what was installed for it are removed afterwards."""
    there = shutil.which("scontrol") and subprocess.run(["scontrol", "ping"], capture_output=True).returncode == 0
    up()
    yield
    if not there:
        subprocess.run(["bash", str(HERE / "cluster" / "down.sh"), "--purge"], check=True)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("slurm")


@pytest.fixture(scope="session")
def local(folder):
    """The tiny study, being run whole without a cluster."""
    trial = Trial(folder / "local", "tiny")
    trial.start(profile=None)
    yield trial
    trial.end()


@pytest.fixture(scope="session")
def study(folder, local):
    """The tiny study, run whole on the cluster."""
    trial = Trial(folder / "cluster", "tiny")
    done = trial.run(*trial.words())
    assert done.returncode == 0, done.stderr[-5000:]
    return trial
