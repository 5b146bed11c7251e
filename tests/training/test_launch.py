"""Several processes that are one training: how it ends is how they end."""

import os
import signal
import subprocess
import sys
import time

import pytest

LAUNCH = "import sys; from insm.training.launch import launch; sys.exit(launch([sys.executable, '-c', sys.argv[1]], 2))"
WAIT = """
import os, pathlib, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(75))
pathlib.Path(os.environ["READY"], os.environ["RANK"]).touch()
time.sleep(60)
"""


@pytest.mark.parametrize(
    ("work", "status"),
    [
        ("import os; assert os.environ['WORLD_SIZE'] == '2' and os.environ['OMP_NUM_THREADS'] == '1'", 0),
        ("import sys; sys.exit(2)", 2),
        ("import sys; sys.exit(75)", 75),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 137),
    ],
)
def test_the_status_is_that_of_the_processes(work, status):
    environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    done = subprocess.run([sys.executable, "-c", LAUNCH, work], timeout=120, capture_output=True, env=environment)
    assert done.returncode == status, done.stderr.decode()


def test_a_stopped_training_is_one_that_can_be_resumed(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", LAUNCH, WAIT], env=os.environ | {"READY": str(tmp_path)}, stderr=subprocess.DEVNULL
    )
    end = time.monotonic() + 90
    while len(list(tmp_path.iterdir())) < 2 and time.monotonic() < end and process.poll() is None:
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 75
