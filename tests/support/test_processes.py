"""The Snakemake of a folder."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from insm.support.files import write_json
from insm.support.processes import alive, process_namespace, running_snakemake, stop_snakemake
from insm.support.workflow import take_over_locks

HOLD = """
import time
from insm.support.workflow import take_over_locks
lock = take_over_locks()
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path, monkeypatch):
    """A process that runs in a folder as Snakemake does."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".snakemake").mkdir()
    process = subprocess.Popen([sys.executable, "-c", HOLD], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    yield process
    process.kill()
    process.wait()


def test_a_running_one_is_found_and_stopped_as_by_ctrl_c(holder, tmp_path):
    assert running_snakemake(tmp_path) == holder.pid
    reaper = time.monotonic() + 30
    os.kill(holder.pid, signal.SIGINT)
    assert holder.wait(30) != 0 and time.monotonic() < reaper
    assert running_snakemake(tmp_path) is None and stop_snakemake(tmp_path) is None


def test_a_killed_one_is_not_running(holder, tmp_path):
    holder.kill()
    holder.wait()
    assert running_snakemake(tmp_path) is None
    assert take_over_locks() is not None


def test_one_on_another_host_is_named(holder, tmp_path, complains):
    path = tmp_path / ".snakemake/running"
    content = '{"host": "elsewhere", "process": 1}'
    with path.open("r+") as stream:  # the same file, which is locked
        stream.truncate()
        stream.write(content)
    assert socket.gethostname() != "elsewhere"
    with complains("elsewhere"):
        running_snakemake(tmp_path)


def test_a_folder_without_runs_has_none(tmp_path):
    assert running_snakemake(tmp_path) is None
    write_json(tmp_path / ".snakemake/running", {})
    assert running_snakemake(tmp_path) is None


def test_processes_and_namespaces():
    assert alive(os.getpid()) and not alive(2**22 + 1)
    assert process_namespace() == os.readlink("/proc/self/ns/pid")
