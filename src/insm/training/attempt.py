"""One attempt at a training: a log that outlives it, and a status that `insm status` reads."""

import os
import shutil
import socket
import sys
import time
from pathlib import Path
from typing import Any

from insm.support import slurm
from insm.support.errors import UserError
from insm.support.files import write_json

TIME_ENDS = 900  # seconds before a job's time limit within which a SIGTERM means that limit
REPORT_EVERY = 5.0  # least seconds between two writes of the status


class Attempt:
    """Writes `<number>.log` and `status.json` in a folder that is no output of any rule.

    The log is a second name of the file that standard output goes to: Snakemake deletes the first before the next
    attempt. Where a file system has no second names, it is a copy of that file as of the last report.

    Args:
        folder: of all attempts at this training; None keeps neither log nor status.
        total: steps of the whole training.
        batch: images of a step.
    """

    def __init__(self, folder: Path | None, total: int, batch: int = 1):
        self.folder, self.total, self.batch = folder, total, batch
        self.began, self.start, self.reported = time.time(), 0, 0.0
        self.checkpoint: dict[str, Any] = {"checkpoint_step": None, "checkpoint_time": None}
        if folder is None:
            return
        folder.mkdir(parents=True, exist_ok=True)
        self.number = 1 + len(list(folder.glob("*.log")))
        self.log = folder / f"{self.number:03}.log"
        self.copied = keep_output(self.log)
        print(f"attempt {self.number} on {socket.gethostname()}, process {os.getpid()}", file=sys.stderr, flush=True)
        if job := slurm.current_job():
            try:
                print(slurm.describe(job), file=sys.stderr, flush=True)
            except UserError as error:
                print(f"no description of job {job}: {error}", file=sys.stderr, flush=True)

    def begin(self, step: int) -> None:
        """Tell where the attempt starts."""
        self.start, self.began = step, time.time()
        if step:
            self.checkpoint = {"checkpoint_step": step, "checkpoint_time": self.began}
        self.report("running", step)

    def saved(self, step: int) -> None:
        """Tell that a checkpoint was written."""
        self.checkpoint = {"checkpoint_step": step, "checkpoint_time": time.time()}

    def progress(self, step: int) -> None:
        """Tell how far the training is, every few seconds."""
        if time.time() - self.reported >= REPORT_EVERY:
            self.report("running", step)

    def stopped(self, step: int) -> None:
        """Tell that the training stops here, saved; in a job whose time ends, queue it again.

        An attempt that came no further is not repeated so: it might never end.
        """
        again = step > self.start and slurm.queue_again(TIME_ENDS)
        self.report("queued again" if again else "stopped", step)

    def report(self, state: str, step: int) -> None:
        """Write the status: `state` is running, stopped, queued again or finished."""
        if self.folder is None:
            return
        self.reported = now = time.time()
        speed = (step - self.start) / max(now - self.began, 1e-9)  # steps a second
        content = {
            "state": state,
            "step": step,
            "total": self.total,
            "images_per_second": speed * self.batch,
            "seconds_left": (self.total - step) / speed if speed else None,
            "time": now,
            "job": slurm.current_job(),
            "host": os.environ.get("SLURMD_NODENAME") or socket.gethostname(),
            "process": os.getpid(),
            "attempt": self.number,
        }
        try:
            if self.copied:
                shutil.copyfile(self.copied, self.log)
            write_json(self.folder / "status.json", content | self.checkpoint)
        except (OSError, UserError) as error:  # no reason to end a training
            print(f"warning: its status is not told: {error}", file=sys.stderr, flush=True)


def keep_output(log: Path) -> Path | None:
    """Give the file that standard error goes to a second name -> that file, where only copies can be made.

    The log is empty where standard error goes to a terminal or a pipe.
    """
    target = Path(os.path.realpath("/proc/self/fd/2"))
    if not target.is_file():
        log.touch()
        return None
    try:
        os.link(target, log)
    except OSError:  # on another disk, or a file system without links
        log.touch()
        return target
    return None
