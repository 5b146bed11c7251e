"""Faults of memory, disk and checkpoints."""

import contextlib
import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator

from tests.slurm.faults import fault, training
from tests.slurm.trial import STATE, Trial, cluster, wait_for


@contextlib.contextmanager
def looking_rarely() -> Iterator[None]:
    """SLURM looks at the memory of jobs once a minute or less, so that they get to their first checkpoint."""
    file = STATE / "etc" / "slurm.conf"
    before = file.read_text()
    file.write_text(re.sub(r"SlurmdTimeout=\d+", "SlurmdTimeout=300", before.replace("task=5", "task=60")))
    cluster("scontrol", "reconfigure")
    try:
        yield
    finally:
        file.write_text(before)
        cluster("scontrol", "reconfigure")


def little_memory(trial: Trial) -> None:
    """Let the first attempt ask for too little, by what the plan says that a training needs."""
    trial.site(memory="1")
    trial.plan()
    for path in trial.folder.glob(".snakemake/plans/*-needs.json"):
        needs = json.loads(path.read_text())
        needs["land"]["runs"]["plain"]["train"]["mb"] = 10
        path.write_text(json.dumps(needs))


@fault("out of memory, then more", little_memory)
def memory(trial: Trial) -> None:
    """The training pauses behind its first checkpoint until SLURM sees how much memory it has."""
    with looking_rarely():
        trial.start()
        trial.between_checkpoints()
        process, logs = training(trial), trial.logs()
        os.kill(process, signal.SIGSTOP)
        wait_for("the next attempt", lambda: trial.logs() > logs)


def small_disk(trial: Trial) -> None:
    trial.state.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(trial.state)], check=True)


@fault("disk full while saving, then space", small_disk)
def disk(trial: Trial) -> None:
    trial.start()
    trial.between_checkpoints()
    filler = trial.state / "filler"
    with contextlib.suppress(OSError), filler.open("wb") as stream:
        while True:
            stream.write(bytes(2**16))
            stream.flush()
    logs = trial.logs()
    wait_for("the next attempt", lambda: trial.logs() > logs)
    filler.unlink()


@fault("newest checkpoint truncated")
def truncated(trial: Trial) -> None:
    trial.start()
    trial.between_checkpoints(2)
    os.kill(training(trial), signal.SIGKILL)
    newest = trial.checkpoints()[-1]
    newest.write_bytes(newest.read_bytes()[:1000])
