"""Processes of this machine."""

import fcntl
import json
import os
import signal
import socket
import time
from pathlib import Path
from typing import IO, Any

from insm.support.errors import UserError


def process_namespace() -> str:
    """What tells containers with process numbers of their own apart; empty where the system does not say."""
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


def alive(process: int) -> bool:
    """Whether there is a process of that number."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # there, but another user's
        return True
    return True


def holder_of(stream: IO[str]) -> dict[str, Any]:
    """Host and process of the Snakemake that took a folder last; nothing for none, an unknown host if it is damaged."""
    stream.seek(0)
    try:
        content: dict[str, Any] = json.loads(stream.read() or "{}")
    except ValueError:
        return {"host": "unknown host"}
    return content


def running_snakemake(folder: Path) -> int | None:
    """Number of the Snakemake that runs in a project's folder on this host; None if there is none.

    Raises:
        UserError: it runs on another host.
    """
    record = folder / ".snakemake" / "running"
    if not record.exists():
        return None
    with record.open(encoding="utf-8") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:  # its process has it locked
            content = holder_of(stream)
        except OSError:  # a file system without locks cannot tell
            return None
        else:
            return None
    if content.get("host") != socket.gethostname():
        raise UserError(f"Snakemake runs in this folder on {content.get('host')}: call this there")
    return content["process"]


def stop_snakemake(folder: Path, wait: float = 60) -> int | None:
    """Interrupt the Snakemake of a folder as Ctrl-C does and wait for its end; returns its number, None without one.

    Raises:
        UserError: it is still there after `wait` seconds.
    """
    process = running_snakemake(folder)
    if process is None:
        return None
    os.kill(process, signal.SIGINT)
    deadline = time.monotonic() + wait
    while running_snakemake(folder):
        if time.monotonic() > deadline:
            raise UserError(f"process {process} does not end: end it with `kill -9 {process}`, then call this again")
        time.sleep(0.5)
    return process
