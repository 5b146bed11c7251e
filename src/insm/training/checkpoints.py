"""Checkpoints of one training: the two newest are kept, and only the process that began last may write them."""

import os
import socket
import sys
import time
import uuid
import zipfile
from pathlib import Path
from typing import Any

import torch

from insm.support import torch_files
from insm.support.errors import UserError
from insm.support.files import write_text
from insm.support.frozen_code import check_code
from insm.support.refusals import TRY_AGAIN
from insm.training.identity import code_now, differences

FINISHED = "finished"  # a file in the folder of checkpoints that are not needed once the result is recorded
KEPT = 2
COST = 0.02  # of the time of a training, for checkpoints
QUICK = 2.0  # seconds of a checkpoint that is never left out


class Checkpoints:
    """The checkpoints in a folder that is no output of any rule, so that nobody else deletes them.

    Args:
        folder: where they are.
        identity: what the training is made of beside its code: plain values and hashes, in nested dictionaries.
        label: what the training is called in messages.
    """

    def __init__(self, folder: Path, identity: dict[str, Any], label: str):
        self.folder, self.identity, self.label = folder, identity | {"code": code_now()}, label
        self.owner = folder.with_name(f"{folder.name.rpartition('-')[0] or folder.name}.owner")  # whatever its settings
        self.took, self.saved = 0.0, time.monotonic()  # seconds of the last checkpoint, and when
        self.token = f"{socket.gethostname()} {os.environ.get('SLURM_JOB_ID', '-')} {os.getpid()} {uuid.uuid4().hex}"

    def claim(self) -> None:
        """Take the training over: a process that has it until now stops at its next checkpoint, without writing."""
        check_code()
        write_text(self.owner, self.token)

    def check_owner(self) -> None:
        """End this process, without writing, if another one has taken the training over.

        SLURM starts a job again when it loses a node, while the job may live on there.
        """
        holder = self.owner.read_text(encoding="utf-8") if self.owner.exists() else self.token
        if holder != self.token:
            host, job, process, _ = holder.split()
            print(
                f"{self.label}: taken over by process {process} on {host} (job {job}); stopping without writing",
                file=sys.stderr,
                flush=True,
            )
            raise SystemExit(TRY_AGAIN)

    def check_result(self) -> None:
        """End this process if it must not write a result: another one has the training, or its code is not on the disk.

        Snakemake records a result as made by the code that it finds then.
        """
        self.check_owner()
        if changed := differences({"code": self.identity["code"]}, {"code": code_now()}):
            print(f"{self.label}: the code changed meanwhile ({'; '.join(changed)})", file=sys.stderr, flush=True)
            raise SystemExit(TRY_AGAIN)

    def save(self, done: int, content: dict[str, Any]) -> None:
        """Write the checkpoint of step `done`; then remove all but the two newest."""
        self.check_owner()
        began = time.monotonic()
        torch_files.save({"done": done, "identity": self.identity} | content, self.folder / f"step-{done:09}.pt")
        self.saved = time.monotonic()
        self.took = self.saved - began
        for old in self.files()[KEPT:]:
            old.unlink(missing_ok=True)

    def affordable(self) -> bool:
        """Whether a checkpoint now costs less than 2 % of the time since the last one; quick ones always do."""
        return self.took < QUICK or (time.monotonic() - self.saved) * COST >= self.took

    def load(self, *keys: str, device: torch.device | str = "cpu") -> dict[str, Any] | None:
        """The newest readable checkpoint with `done` and `keys`; None where there is none.

        Raises:
            UserError: it belongs to another training.
        """
        for path in self.files():
            try:
                check(path)
                content = torch_files.load(path, "done", "identity", *keys, device=device)
            except UserError as error:
                print(f"{self.label}: warning: {error}; using the one before", file=sys.stderr, flush=True)
                continue
            if changed := differences(content["identity"], self.identity):
                raise UserError(f"{path} is of another training ({'; '.join(changed)}): {self.cure()}")
            return content
        return None

    def cure(self) -> str:
        """How to begin again."""
        return f"undo the change, or delete {self.folder} to start this training again"

    def files(self) -> list[Path]:
        """The checkpoints, newest first."""
        return sorted(self.folder.glob("step-*.pt"), reverse=True)

    def finish(self) -> None:
        """Tell that the result is written. The newest checkpoint stays until Snakemake has recorded the result: one
        that was killed before deletes the outputs, and they are then written again without training."""
        for old in self.files()[1:]:
            old.unlink(missing_ok=True)
        write_text(self.folder / FINISHED, "")


def check(path: Path) -> None:
    """Compare a torch file, a zip archive, with its checksums, which torch does not do when it reads it.

    Raises:
        UserError: it is truncated, or a bit of it is another one.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
    except Exception as error:
        raise UserError(f"{path} is truncated or no torch file ({error})") from None
    if damaged:
        raise UserError(f"{path} is damaged ({damaged})")
