"""Snakemake's messages with a live line under them for every running job: the last line of the job's log.

A logger plugin of Snakemake (`logger: live` in the profile). On a terminal the lines show step, losses, speed and ETA
of trainings as they go; written to a file or a pipe, the messages are Snakemake's own and nothing is added.
"""

import logging
import os
import time
from logging import LogRecord
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

CLOCKS = 1.0  # seconds that the clocks of this host and of a file server may differ by
ENDING = "Terminating processes on user request"  # Snakemake's message after Ctrl-C
TAIL = 4096  # bytes of a log that are searched for its last line


class LogHandler(LogHandlerBase):
    """Prints every record with Snakemake's own formatter and keeps the live lines below."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = False
    has_formatter = False
    needs_rulegraph = False

    def __post_init__(self) -> None:
        self.running: dict[int, tuple[str, Path | None, float]] = {}  # job -> what it does, its log, since when
        self.progress, self.began = "", time.monotonic()
        self.ended_by_user = False
        self.console = Console(stderr=not self.common_settings.stdout, no_color=self.common_settings.nocolor)
        self.live = Live(
            console=self.console,
            get_renderable=self.status,
            refresh_per_second=4,
            transient=True,
            redirect_stdout=False,
        )

    def filter(self, record: LogRecord) -> bool:
        self.follow(record)  # also what --quiet filters out
        return super().filter(record)

    def emit(self, record: LogRecord) -> None:
        text = self.format(record)
        if text.startswith(ENDING):
            self.ended_by_user = True
            text = f"{text.strip()} Trainings are saved; the same command goes on."
        elif self.ended_by_user and is_failure(record):
            text = ""  # jobs end with an error since they were asked to
        if text.strip():
            self.console.print(text, markup=False, highlight=False, soft_wrap=True)
        if self.running and self.console.is_terminal and not self.common_settings.dryrun:
            self.live.start()
        elif not self.running:
            self.live.stop()

    def follow(self, record: Any) -> None:
        """Keep account of the jobs that run; the record's fields depend on its event."""
        job: int = getattr(record, "jobid", getattr(record, "job_id", -1))
        match getattr(record, "event", None):
            case LogEvent.JOB_INFO:
                log = next(iter(record.log or []), None)
                self.running[job] = (record.rule_msg or record.rule_name, log and Path(log), time.time())
            case LogEvent.JOB_FINISHED | LogEvent.JOB_ERROR:
                self.running.pop(job, None)
            case LogEvent.PROGRESS:
                self.progress = f"{record.done} of {record.total} jobs done"

    def status(self) -> Group:
        """The live lines."""
        minutes, seconds = divmod(int(time.monotonic() - self.began), 60)
        running = list(self.running.values())  # a copy: this is called from the thread that refreshes the screen
        lines = [last_line(log, since) or f"{what}: started" for what, log, since in running]
        head = f"{self.progress or 'started'}, {minutes}:{seconds:02} min"
        return Group(*(Text(line, no_wrap=True, overflow="ellipsis") for line in [head, *lines]))

    def close(self) -> None:
        self.live.stop()
        super().close()


def is_failure(record: LogRecord) -> bool:
    """Whether a record tells of a job that failed, or of the workflow that therefore did."""
    failed = {LogEvent.ERROR, LogEvent.JOB_ERROR, LogEvent.GROUP_ERROR}
    return record.levelno >= logging.ERROR or getattr(record, "event", None) in failed


def last_line(log: Path | None, since: float = 0) -> str:
    """The last line of a log that was written after `since`, a time; an earlier one is of the job's last attempt."""
    if log is None:
        return ""
    try:
        with log.open("rb") as stream:
            if os.fstat(stream.fileno()).st_mtime < since - CLOCKS:
                return ""
            stream.seek(-min(TAIL, os.fstat(stream.fileno()).st_size), os.SEEK_END)
            lines = stream.read().decode(errors="replace").replace("\r", "\n").split("\n")
    except OSError:
        return ""
    return next((line for line in reversed(lines) if line.strip()), "")
