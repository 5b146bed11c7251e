"""The faults: real daemons, real signals; each hits a training on the test cluster between two checkpoints."""

import contextlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from insm.support.processes import alive
from insm.support.slurm import seconds
from tests.slurm.trial import INTERVAL, STATE, Trial, cluster, kill_daemon, up, wait_for

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


def cmdlines(words: list[str]) -> list[int]:
    """Numbers of the processes whose command line holds all the words."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            text = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if all(word in text for word in words) and int(path.parent.name) != os.getpid():
                found.append(int(path.parent.name))
    return found


def training(trial: Trial) -> int:
    """Number of the training's own process."""
    return trial.status()["process"]


def hold(trial: Trial, seconds_left: int) -> None:
    """Pause the training until so little of its job's time is left: it would else be done before.

    SLURM's signal may wake it earlier; then this attempt is over.
    """
    process, logs = training(trial), trial.logs()
    os.kill(process, signal.SIGSTOP)
    left = ("squeue", "--noheader", f"--jobs={trial.job()}", "--format=%L")
    wait_for("the end of the job's time", lambda: ended(trial, logs) or seconds(cluster(*left) or "0") <= seconds_left)
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGCONT)


def ended(trial: Trial, logs: int) -> bool:
    """Whether the attempt is over of which there were so many logs: SLURM may have begun the next one already."""
    return trial.logs() > logs or trial.status().get("state") != "running"


@fault("time limit, with signal")
def time_limit(trial: Trial) -> None:
    trial.start()
    trial.between_checkpoints()
    job, logs = trial.job(), trial.logs()
    cluster("scontrol", "update", f"JobId={job}", "TimeLimit=2")
    hold(trial, 50)
    wait_for("the job in the queue again", lambda: ended(trial, logs))
    cluster("scontrol", "update", f"JobId={job}", "TimeLimit=10")


@fault("time limit, without signal")
def time_limit_silent(trial: Trial) -> None:
    trial.start("--set-resources", "train:slurm_extra=--nice=1")
    trial.between_checkpoints()
    cluster("scontrol", "update", f"JobId={trial.job()}", "TimeLimit=1")
    hold(trial, 3)


@fault("scancel of the job")
def scancel(trial: Trial) -> None:
    trial.start()
    trial.between_checkpoints()
    cluster("scancel", trial.job())


@fault("slurmd killed, the old job lives on")
def slurmd(trial: Trial) -> None:
    """The node looks lost, so SLURM starts the job on another one; then the old training wakes up beside the new."""
    trial.start("--set-resources", "train:slurm_partition=gpu")
    trial.between_checkpoints()
    old, logs = training(trial), trial.logs()
    os.kill(old, signal.SIGSTOP)
    kill_daemon(f"slurmd.{trial.node()}")
    wait_for("the next attempt", lambda: trial.logs() > logs and trial.status().get("process") != old)
    os.kill(old, signal.SIGCONT)
    wait_for("the end of the old training", lambda: not alive(old))


def node_gone(trial: Trial) -> None:
    trial.start("--set-resources", "train:slurm_partition=gpu")
    trial.between_checkpoints()
    job, node = trial.job(), trial.node()
    kill_daemon(f"slurmd.{node}")
    victims = [*cmdlines(["slurmstepd", f"[{job}."]), *cmdlines([str(trial.folder), "--mode remote"]), training(trial)]
    for process in victims:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


FAULTS["node gone, SLURM requeues"] = node_gone
FAULTS["node gone, no requeue"] = node_gone
PREPARE["node gone, no requeue"] = lambda trial: trial.site(requeue="false")


@fault("slurmdbd down for 60 s")
def slurmdbd(trial: Trial) -> None:
    trial.start()
    trial.between_checkpoints()
    kill_daemon("slurmdbd")
    time.sleep(60)
    up()


@fault("slurmctld restarted")
def slurmctld(trial: Trial) -> None:
    trial.start()
    trial.between_checkpoints()
    kill_daemon("slurmctld")
    time.sleep(10)
    up()


def kill_main(trial: Trial) -> None:
    os.kill(trial.main.pid, signal.SIGKILL)
    trial.main.wait()


@fault("main killed, job ends before the restart")
def main_killed(trial: Trial) -> None:
    trial.start()
    trial.between_checkpoints()
    kill_main(trial)
    wait_for("the end of the training", lambda: trial.status().get("state") == "finished")
    wait_for("the end of the job", lambda: not trial.queued())
    trial.start()


@fault("main killed, job lives at the restart")
def main_killed_early(trial: Trial) -> None:
    trial.start()
    trial.between_checkpoints()
    kill_main(trial)
    trial.start()


def slow_queries(trial: Trial) -> None:
    """Let SLURM take its time to answer what jobs are there, and note when it is asked."""
    (trial.folder / "bin").mkdir()
    for name in ("squeue", "sacct"):
        script = trial.folder / "bin" / name
        script.write_text(f'#!/bin/sh\ndate > {trial.folder}/asked\nsleep 3\nexec {shutil.which(name)} "$@"\n')
        script.chmod(0o755)


@fault("Ctrl-C twice while the states of jobs are asked for, then again", slow_queries)
def interrupt(trial: Trial) -> None:
    trial.start()
    trial.between_checkpoints()
    asked = trial.folder / "asked"
    asked.unlink(missing_ok=True)
    wait_for("a question for the states of jobs", asked.exists)
    os.kill(trial.main.pid, signal.SIGINT)
    time.sleep(0.5)
    with contextlib.suppress(ProcessLookupError):
        os.kill(trial.main.pid, signal.SIGINT)
    trial.finish(120)
    trial.start()


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


@fault("duplicate submission")
def duplicate(trial: Trial) -> None:
    trial.start()
    trial.between_checkpoints()
    second = trial.run(*trial.words(trial.model()))
    if second.returncode == 0:
        raise AssertionError("a second Snakemake ran beside the first")


def edit_study(trial: Trial) -> None:
    path = trial.folder / "config" / "faults.yaml"
    path.write_text(path.read_text().replace("updates: 1000", "updates: 60"))
    trial.plan()


def runs_the_edit(trial: Trial) -> None:
    """The model of the old settings is not taken for one of the new."""
    if "Train plain on land" not in trial.plan():
        raise AssertionError("the edited study counts as computed")


@fault("study edited while the job is queued", afterwards=runs_the_edit)
def edited_queued(trial: Trial) -> None:
    cluster("scontrol", "update", "PartitionName=cpu", "State=DOWN")
    try:
        trial.start()
        wait_for("the queued job", trial.queued)
        edit_study(trial)
    finally:
        cluster("scontrol", "update", "PartitionName=cpu", "State=UP")


@fault("code edited while the job is queued")
def code_edited(trial: Trial) -> None:
    """The job has other code than the Snakemake that submitted it, so it makes nothing, and the next one does."""
    cluster("scontrol", "update", "PartitionName=cpu", "State=DOWN")
    try:
        trial.start()
        wait_for("the queued job", trial.queued)
        with (trial.folder / "src/insm/training/trainer.py").open("a") as source:
            source.write("EDITED = True\n")
    finally:
        cluster("scontrol", "update", "PartitionName=cpu", "State=UP")
    if trial.finish() == 0 or trial.status():
        raise AssertionError("a job trained with code of which its Snakemake did not know")
    trial.start()


@fault("study edited while the job runs", afterwards=runs_the_edit)
def edited_running(trial: Trial) -> None:
    trial.start()
    trial.between_checkpoints()
    edit_study(trial)


@fault("twenty SIGKILLs at random moments")
def kills(trial: Trial) -> None:
    """Without SLURM: the job's own command, killed again and again; then the study."""
    trial.start()
    trial.between_checkpoints()
    process = training(trial)
    words = Path(f"/proc/{process}/cmdline").read_bytes().decode().split("\0")[:-1]
    kill_main(trial)
    cluster("scancel", trial.job())
    wait_for("the end of the job", lambda: not trial.queued())
    rng = random.Random(0)
    for number in range(20):
        logs, steps = trial.logs(), rng.randrange(-20, 90)  # also before the first step, and after a checkpoint
        with (trial.folder / f"killed-{number}.log").open("w") as stream:
            victim = subprocess.Popen(**trial.command(*words), stdout=stream, stderr=stream)

        def moment(victim=victim, logs=logs, steps=steps) -> bool:
            if victim.poll() is not None:
                raise AssertionError("the training ended before the twentieth SIGKILL")
            if trial.logs() == logs:
                return False
            begin, end = trial.spans()[-1]
            return end - begin >= steps

        wait_for("the moment of the SIGKILL", moment)
        time.sleep(rng.uniform(0, 0.2))
        victim.kill()
        victim.wait()
    trial.start()
