"""The live lines of running jobs under Snakemake's messages."""

import io
import logging
import os
import time
from types import SimpleNamespace

import pytest
from rich.console import Console
from snakemake_interface_logger_plugins.common import LogEvent

import snakemake_logger_plugin_live
from snakemake_logger_plugin_live import LogHandler, last_line


@pytest.fixture
def handler():
    handler = LogHandler(SimpleNamespace(stdout=False, nocolor=True, dryrun=False), None)
    yield handler
    handler.close()


def record(message: str = "", **fields) -> logging.LogRecord:
    return logging.makeLogRecord({"msg": message, "levelno": logging.INFO} | fields)


def lines(handler: LogHandler) -> list[str]:
    return [text.plain for text in handler.status().renderables]


def test_a_running_job_shows_the_last_line_of_its_log(handler, tmp_path):
    log = tmp_path / "train.log"
    log.write_text("started\nfaces/init  10/100  10%  adv 0.5  ETA 1:00\n")
    handler.handle(record(event=LogEvent.JOB_INFO, jobid=3, log=[str(log)], rule_msg="Train init", rule_name="train"))
    handler.handle(record(event=LogEvent.PROGRESS, done=2, total=8))
    head, job = lines(handler)
    assert head.startswith("2 of 8 jobs done, 0:0")
    assert job == "faces/init  10/100  10%  adv 0.5  ETA 1:00"


def test_the_log_of_an_earlier_attempt_is_not_shown(handler, tmp_path):
    """On a cluster it lies there while the job is queued again."""
    log = tmp_path / "train.log"
    log.write_text("faces/init  100/100 100%\n")
    os.utime(log, (time.time() - 60, time.time() - 60))
    handler.handle(record(event=LogEvent.JOB_INFO, jobid=3, log=[str(log)], rule_msg="Train init", rule_name="train"))
    assert lines(handler)[1:] == ["Train init: started"]


@pytest.mark.parametrize(
    "end", [{"event": LogEvent.JOB_FINISHED, "job_id": 3}, {"event": LogEvent.JOB_ERROR, "jobid": 3}]
)
def test_a_job_that_ended_shows_no_line(handler, end):
    handler.handle(record(event=LogEvent.JOB_INFO, jobid=3, log=[], rule_msg=None, rule_name="train"))
    assert lines(handler)[1:] == ["train: started"]
    handler.handle(record(**end))
    assert lines(handler)[1:] == []


def test_on_a_terminal_the_lines_stay_below_the_messages_while_jobs_run(monkeypatch):
    screen = io.StringIO()
    monkeypatch.setattr(
        snakemake_logger_plugin_live, "Console", lambda **_: Console(file=screen, force_terminal=True, width=80)
    )
    handler = LogHandler(SimpleNamespace(stdout=False, nocolor=True, dryrun=False), None)
    handler.handle(record("begin", event=LogEvent.JOB_INFO, jobid=3, log=[], rule_msg="Train init", rule_name="train"))
    handler.live.refresh()
    assert handler.live.is_started and "Train init: started" in screen.getvalue()
    handler.handle(record("one more message"))
    assert screen.getvalue().index("one more message") > screen.getvalue().index("begin")
    handler.handle(record("end", event=LogEvent.JOB_FINISHED, job_id=3))
    assert not handler.live.is_started
    handler.close()


def test_a_job_whose_end_is_not_printed_is_not_shown_either(handler):
    handler.addFilter(lambda record: getattr(record, "event", None) != LogEvent.JOB_FINISHED)
    handler.handle(record(event=LogEvent.JOB_INFO, jobid=3, log=[], rule_msg=None, rule_name="train"))
    handler.handle(record(event=LogEvent.JOB_FINISHED, job_id=3))
    assert lines(handler)[1:] == []


def test_messages_are_printed_as_they_are_where_there_is_no_terminal(handler, capsys):
    long = "[red]a message in brackets that is much longer than a terminal is wide[/red] " * 5
    handler.console.file = None  # the stream that is captured
    handler.handle(record(long))
    assert capsys.readouterr().err == f"{long}\n"


def test_the_last_line_of_a_log(tmp_path):
    log = tmp_path / "log"
    assert last_line(None) == last_line(log) == ""
    log.write_text("")
    assert last_line(log) == ""
    log.write_text("x" * 10_000 + "\none\rtwo\n\n")
    assert last_line(log) == "two"


def test_after_ctrl_c_jobs_that_end_are_no_failures(handler, capsys):
    handler.handle(record("An error before", levelno=logging.ERROR, levelname="ERROR"))
    handler.handle(record("Terminating processes on user request, this might take some time.", levelname="INFO"))
    handler.handle(record("RuleException: CalledProcessError", levelno=logging.ERROR, levelname="ERROR"))
    shown = capsys.readouterr().err
    assert "An error before" in shown and "Trainings are saved; the same command goes on." in shown
    assert "RuleException" not in shown
