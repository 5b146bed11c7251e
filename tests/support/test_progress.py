"""Progress lines: what they say and when they are printed."""

import pytest

from insm.support import progress
from insm.support.progress import Progress, clock


@pytest.fixture
def loud(monkeypatch):
    monkeypatch.setenv("INSM_QUIET", "0")


def test_a_line_tells_step_numbers_speed_and_eta():
    line = Progress("task/init", 100, start=20, unit_per_step=16).line(60, 10.0, {"adv": 0.12345, "kappa": 2})
    assert line == "task/init  60/100  60%  adv 0.123  kappa 2  64 images/s  ETA 0:10"


def test_nothing_done_yet_has_no_eta():
    assert Progress("run", 100, start=20).line(20, 5.0, {}).endswith("  0 images/s  ETA ?")


def test_the_last_line_has_nothing_left():
    assert Progress("run", 4, unit="files").line(4, 2.0, {}) == "run  4/4 100%  2 files/s  ETA 0:00"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (59.6, "1:00"), (61, "1:01"), (3599.7, "1:00:00"), (86461, "24:01:01"), (float("inf"), "?")],
)
def test_clock(seconds, text):
    assert clock(seconds) == text


def test_a_log_gets_the_last_line_at_once_and_others_rarely(loud, capsys):
    report = Progress("run", 3)
    for step in (1, 2, 3):
        report(step, {"loss": 0.5})
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("run  3/3 100%  loss 0.5")


def test_a_log_gets_plain_lines_when_time_has_passed(loud, capsys, monkeypatch):
    monkeypatch.setattr(progress, "PLAIN_EVERY", (0.0, 0.0))
    report = Progress("run", 2)
    report(1)
    report(2)
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 2 and "\r" not in captured.err and captured.out == ""


@pytest.mark.parametrize(("seconds", "interval"), [(1, 2), (600, 10), (86400, 60)])
def test_lines_get_rarer_as_the_work_gets_longer(seconds, interval):
    assert Progress("run", 2).interval(seconds) == interval


def test_quiet_prints_nothing(capsys):
    Progress("run", 1)(1, {"loss": 0.5})
    assert capsys.readouterr().err == ""
