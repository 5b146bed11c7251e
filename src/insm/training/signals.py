"""When a training must stop early: a signal, or the end of the process that started it."""

import os
import signal

STOP_CODES = {signal.SIGINT: 130, signal.SIGTERM: 75, signal.SIGHUP: 75}  # 75: "temporary failure, run me again"
STARTER = "INSM_STARTED_BY"
"""Environment variable: number of a process without which a training is not wanted. Snakemake's rules set it, so that
a `kill -9` of Snakemake leaves no training behind that would write over the next one's files."""


class Stop:
    """While active, SIGINT, SIGTERM, SIGHUP (a closed terminal) and the end of the starter ask the loop to stop after
    its step, not within it. Under `nohup` a closed terminal stops nothing."""

    def __enter__(self) -> "Stop":
        self.requested: signal.Signals | None = None
        self.starter = int(os.environ.get(STARTER, 0))
        hangup_ignored = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
        heeded = [number for number in STOP_CODES if number != signal.SIGHUP or not hangup_ignored]
        self.previous = {number: signal.signal(number, self._ask) for number in heeded}
        return self

    def _ask(self, number: int, frame) -> None:
        self.requested = signal.Signals(number)

    def wanted(self) -> bool:
        """Whether to stop now."""
        if self.starter and not _alive(self.starter):
            self.requested = signal.SIGTERM
        return self.requested is not None

    def leave(self, label: str, done: int, total: int) -> None:
        """Exit the program; the caller has saved."""
        print(f"{label}: stopped at step {done}/{total}, saved; the same command resumes", flush=True)
        raise SystemExit(STOP_CODES[self.requested or signal.SIGTERM])

    def __exit__(self, *_) -> None:
        for number, handler in self.previous.items():
            signal.signal(number, handler)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # there, but another user's
        return True
    return True
