"""Help texts: every argument has one, each fits a screen, and shells can complete commands."""

import os
import subprocess
import sys
from importlib import metadata

import pytest
import typer

from insm import cli
from insm.commands.help import HELP

GROUPS = {(): cli.PEOPLE, ("data",): cli.DATA, ("model",): cli.MODEL, ("vote",): cli.VOTE, ("job",): cli.JOBS}
COMMANDS = [(*group, name) for group, names in GROUPS.items() for name in names]
SCREEN = 42  # lines


def resolved(words):
    """The click command of `insm WORDS`, as it is called."""
    command = typer.main.get_command(cli.app)
    context = command.make_context("insm", [], resilient_parsing=True)
    for word in words:
        _, command, _ = command.resolve_command(context, [word])
    return command


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_argument_has_a_help_text(words):
    assert [parameter.name for parameter in resolved(words).params if not parameter.help] == []


@pytest.mark.parametrize("words", [(), *filter(None, GROUPS), *COMMANDS], ids=" ".join)
def test_help_fits_a_screen(words, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["insm", *words, "--help"])
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERMINAL_WIDTH", "120")
    with pytest.raises(SystemExit):
        cli.main()
    assert len(capsys.readouterr().out.strip().splitlines()) <= SCREEN


def test_help_texts_of_arguments_are_used():
    names = {f"{words[-1]} {parameter.name}" for words in COMMANDS for parameter in resolved(words).params}
    names |= {name.partition(" ")[2] for name in names}
    assert set(HELP) <= names


def test_the_version_is_told(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["insm", "--version"])
    with pytest.raises(SystemExit) as done:
        cli.main()
    assert done.value.code == 0 and capsys.readouterr().out == f"insm {metadata.version('insm')}\n"


@pytest.mark.parametrize(
    ("typed", "offered"), [("insm ed", "edit"), ("insm data ch", "check"), ("insm edit --gr", "--grid")]
)
def test_shells_can_complete(typed, offered):
    done = subprocess.run(
        [sys.executable, "-c", "import sys; sys.argv = ['insm']; from insm.cli import main; main()"],
        env=os.environ | {"_INSM_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))},
        capture_output=True,
        text=True,
    )
    assert offered in done.stdout.split(), done
