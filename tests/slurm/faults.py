"""The faults by name, and what they share; each hits a training on the test cluster between two checkpoints.

Daemons and signals are real. They are in the modules `faults_of_*`.
"""

import os
import signal
from collections.abc import Callable

from tests.slurm.trial import INTERVAL, Trial

Fault = Callable[[Trial], None]
FAULTS: dict[str, Fault] = {}
PREPARE: dict[str, Fault] = {}  # what is done before the run begins
AFTERWARDS: dict[str, Fault] = {}  # what must hold when it has ended
MOST = {"newest checkpoint truncated": 2 * INTERVAL}  # steps that an attempt may compute again, else an interval
HARMLESS = {  # faults that do not end the training
    "slurmdbd down for 60 s",
    "slurmctld restarted",
    "duplicate submission",
    "study edited while the job is queued",
    "study edited while the job runs",
    "main killed, job ends before the restart",
}


def fault(name: str, prepare: Fault | None = None, afterwards: Fault | None = None) -> Callable[[Fault], Fault]:
    """Register a fault by name."""

    def register(function: Fault) -> Fault:
        FAULTS[name] = function
        if prepare:
            PREPARE[name] = prepare
        if afterwards:
            AFTERWARDS[name] = afterwards
        return function

    return register


def training(trial: Trial) -> int:
    """Number of the training's own process."""
    return trial.status()["process"]


def kill_main(trial: Trial) -> None:
    os.kill(trial.main.pid, signal.SIGKILL)
    trial.main.wait()
