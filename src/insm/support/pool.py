"""Calls of functions in several processes at once, until a deadline: who is at work then is asked to save and stop."""

import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from multiprocessing import connection, get_context
from pathlib import Path
from typing import Any

from insm.support.errors import UserError
from insm.support.memory import give_back
from insm.support.recording import recording

SPAWN = get_context("spawn")  # a forked process could not use CUDA
LOOK = 0.2  # seconds between looks at the clock
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

DONE, STOPPED = "done", "stopped"


@dataclass(frozen=True)
class Call:
    """A function of a module with its arguments, both of which another process can receive."""

    name: str
    """What messages call it."""
    function: Callable[..., None]
    arguments: dict[str, Any]
    output: Path
    """File of what it prints."""
    after: str = ""
    """Name of a call beside it that has to succeed before this one begins, if there is one."""

    @property
    def words(self) -> list[str]:
        """The call as a command line, for its record."""
        options = [(name.replace("_", "-"), str(value)) for name, value in self.arguments.items() if value is not None]
        return ["job", self.function.__name__, *(word for name, value in options for word in (f"--{name}", value))]


@dataclass
class Worker:
    """A process that makes one call after the other, so that it loads its libraries once."""

    call: Call | None = None
    began: float = 0.0

    def __post_init__(self) -> None:
        self.pipe, other = SPAWN.Pipe()
        self.process = SPAWN.Process(target=serve, args=(other,), daemon=True)
        self.process.start()
        other.close()  # so that the end of the process ends the pipe

    def begin(self, call: Call) -> None:
        """Hand a call over."""
        self.call, self.began = call, time.monotonic()
        self.pipe.send(call)

    def outcome(self) -> str:
        """What came of the call: done, stopped, or why it failed."""
        try:
            return self.pipe.recv()
        except (EOFError, ConnectionError):
            self.process.join()
            code = self.process.exitcode or 0
            return STOPPED if -code in ENDING else f"its process ended with status {code}"


@dataclass
class Pool:
    """Makes calls in `parallel` processes until `deadline`, of time.monotonic().

    `tell` hears how each call begins and ends. A signal that ends programs has the deadline's effect.
    """

    parallel: int
    deadline: float = float("inf")
    tell: Callable[[str], None] = lambda line: print(line, file=sys.stderr, flush=True)
    workers: list[Worker] = field(default_factory=list)
    stopping: bool = False

    def run(self, calls: Iterable[Call]) -> dict[str, str]:
        """Make the calls, the first ones first -> by name, what came of those that were begun.

        The process that makes a call may be killed, by lack of memory for instance: then that call failed. A call whose
        `after` failed is not begun.
        """
        waiting, outcomes = deque(calls), dict[str, str]()
        before = {number: signal.signal(number, self._stop) for number in ENDING}
        try:
            while (waiting and not self.stopping) or any(worker.call for worker in self.workers):
                if not self.stopping:
                    self._hand_out(waiting, outcomes)
                for worker in self._answering():
                    outcomes |= self._finish(worker)
                waiting = deque(call for call in waiting if outcomes.get(call.after, DONE) == DONE)
                if time.monotonic() > self.deadline:
                    self._stop()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        return outcomes

    def close(self) -> None:
        """End the processes."""
        for worker in self.workers:
            worker.pipe.close()
            worker.process.join()
        self.workers.clear()

    def _hand_out(self, waiting: deque[Call], outcomes: dict[str, str]) -> None:
        while ready := next((call for call in waiting if not call.after or call.after in outcomes), None):
            free = next((worker for worker in self.workers if worker.call is None), None)
            if free is None:
                if len(self.workers) == self.parallel:
                    return
                self.workers.append(free := Worker())
            waiting.remove(ready)
            free.begin(ready)
            self.tell(f"{ready.name}: begun, {len(waiting)} wait")

    def _answering(self) -> list[Worker]:
        busy = {worker.pipe: worker for worker in self.workers if worker.call}
        return [busy[pipe] for pipe in connection.wait(list(busy), timeout=LOOK)]  # type: ignore[index]

    def _finish(self, worker: Worker) -> dict[str, str]:
        call, outcome = worker.call, worker.outcome()
        assert call is not None
        if outcome != DONE:
            self.workers.remove(worker)
        worker.call = None
        where = "" if outcome in (DONE, STOPPED) else f" ({call.output})"
        self.tell(f"{call.name}: {outcome}{where} after {time.monotonic() - worker.began:.0f} s")
        return {call.name: outcome}

    def _stop(self, *_: Any) -> None:
        """Ask all processes to save and stop."""
        if not self.stopping:
            self.stopping = True
            for worker in self.workers:
                if worker.call:
                    worker.process.terminate()


def serve(pipe: connection.Connection) -> None:
    """Make the calls that come through the pipe, and answer what came of each; a stopped one is the last."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all processes; the first one passes it on
    while True:
        try:
            call: Call = pipe.recv()
        except EOFError:
            return
        print_to(call.output)
        try:
            with recording(call.words):
                call.function(**call.arguments)
            outcome = DONE
        except SystemExit:
            outcome = STOPPED
        except UserError as error:
            outcome = " ".join(str(error).split())
            print(f"error: {outcome}", file=sys.stderr, flush=True)
        give_back()  # the next call, and the other processes, may need it
        pipe.send(outcome)
        if outcome == STOPPED:
            return


def print_to(path: Path) -> None:
    """Let all output of this process go to a new file from now on; an older file of that name may live on elsewhere."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with path.open("w", encoding="utf-8") as stream:
        for descriptor in (1, 2):
            os.dup2(stream.fileno(), descriptor)
