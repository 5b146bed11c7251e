"""Faults that end a job, a node, a daemon, or the Snakemake that waits for them."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

from insm.support.processes import alive
from insm.support.slurm import seconds
from tests.slurm.faults import FAULTS, PREPARE, fault, kill_main, training
from tests.slurm.trial import Trial, cluster, kill_daemon, up, wait_for


def cmdlines(words: list[str]) -> list[int]:
    """Numbers of the processes whose command line holds all the words."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            text = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if all(word in text for word in words) and int(path.parent.name) != os.getpid():
                found.append(int(path.parent.name))
    return found


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
