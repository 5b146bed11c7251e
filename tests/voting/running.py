"""A vote served by a process of its own, as `insm vote serve` does it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple


class Running(NamedTuple):
    """A server that answers."""

    process: subprocess.Popen
    url: str


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Running]:
    """Serve the blinded study in `folder` on a free port of the loopback until the block ends."""
    command = "from insm.cli import main; main()"
    arguments = ["vote", "serve", str(folder), "--port", "0", *options]
    process = subprocess.Popen([sys.executable, "-c", command, *arguments], stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        assert line.startswith("http://127.0.0.1:"), line
        yield Running(process, line.split()[0].rstrip("/"))
    finally:
        process.kill()
        process.wait()
