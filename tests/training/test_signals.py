"""When a training stops early."""

import os
import signal
import subprocess

import pytest

from insm.support.processes import process_namespace
from insm.training.signals import STARTER, STOP_CODES, Stop


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_asks_and_leaving_tells_why(capsys, number):
    """SIGHUP is a closed terminal."""
    with Stop() as stop:
        assert not stop.wanted()
        os.kill(os.getpid(), number)
        assert stop.wanted()
        with pytest.raises(SystemExit) as left:
            stop.leave("run", 1, 2)
    assert left.value.code == 75 and "run: stopped at step 1/2" in capsys.readouterr().out


def test_under_nohup_a_closed_terminal_stops_nothing():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Stop() as stop:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not stop.wanted()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_signals_are_left_alone_outside_of_training():
    before = [signal.getsignal(number) for number in STOP_CODES]
    with Stop():
        os.kill(os.getpid(), signal.SIGINT)
    assert [signal.getsignal(number) for number in STOP_CODES] == before


def test_the_end_of_the_starter_stops_its_training(monkeypatch):
    starter = subprocess.Popen(["sleep", "60"])
    monkeypatch.setenv(STARTER, str(starter.pid))
    with Stop() as stop:
        assert not stop.wanted()
        starter.kill()
        starter.wait()
        assert stop.wanted()


def test_in_a_container_with_process_numbers_of_its_own_no_starter_is_missed(monkeypatch):
    monkeypatch.setenv(STARTER, f"{2**22 + 1}@pid:[1]")
    with Stop() as stop:
        assert not stop.wanted()
    monkeypatch.setenv(STARTER, f"{2**22 + 1}@{process_namespace()}")
    with Stop() as stop:
        assert stop.wanted()
