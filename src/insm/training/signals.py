"""When a training must stop early: a signal, or the end of the process that started it."""

import os
import signal

from insm.support.processes import alive, process_namespace
from insm.support.refusals import TRY_AGAIN

STOP_CODES = {signal.SIGINT: 130, signal.SIGTERM: TRY_AGAIN, signal.SIGHUP: TRY_AGAIN}
STARTER = "INSM_STARTED_BY"
"""Environment variable: the process, as `<number>@<process namespace>`, without which a training is not wanted. Every
Snakemake sets it, also the one that a cluster's job runs on its node: a `kill -9` of it leaves no training behind. In
a container with process numbers of its own the number would mean another process, so there nothing is checked."""


class Stop:
    """While active, SIGINT, SIGTERM, SIGHUP (a closed terminal) and the end of the starter ask the loop to stop after
    its step, not within it. Under `nohup` a closed terminal stops nothing."""

    def __enter__(self) -> "Stop":
        self.requested: signal.Signals | None = None
        number, _, namespace = os.environ.get(STARTER, "").partition("@")
        self.starter = int(number) if number and namespace in ("", process_namespace()) else 0
        hangup_ignored = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
        heeded = [number for number in STOP_CODES if number != signal.SIGHUP or not hangup_ignored]
        self.previous = {number: signal.signal(number, self._ask) for number in heeded}
        return self

    def _ask(self, number: int, frame) -> None:
        self.requested = signal.Signals(number)

    def wanted(self) -> bool:
        """Whether to stop now."""
        if self.starter and not alive(self.starter):
            self.requested = signal.SIGTERM
        return self.requested is not None

    def leave(self, label: str, done: int, total: int) -> None:
        """Exit the program; the caller has saved."""
        print(f"{label}: stopped at step {done}/{total}, saved; the same command resumes", flush=True)
        raise SystemExit(STOP_CODES[self.requested or signal.SIGTERM])

    def __exit__(self, *_) -> None:
        for number, handler in self.previous.items():
            signal.signal(number, handler)
