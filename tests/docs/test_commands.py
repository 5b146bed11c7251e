"""Commands that the pages tell people to type exist, and their options too."""

import os
import re
import subprocess
import sys

import pytest

from insm import cli
from tests import ROOT
from tests.docs.tutorial import blocks, clocks, script

PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/*.md")])
GROUPS = {"data": cli.DATA, "model": cli.MODEL, "vote": cli.VOTE, "job": cli.JOBS}


def commands() -> list[tuple[str, ...]]:
    """Every command's words."""
    return [(name,) for name in cli.PEOPLE] + [(group, name) for group, names in GROUPS.items() for name in names]


def typed() -> set[tuple[str, ...]]:
    """The `insm ...` commands in pages, each with its options."""
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    lines = [line for block in re.findall(r"^```sh\n(.*?)^```$", text, re.M | re.S) for line in block.splitlines()]
    lines += re.findall(r"`(insm [a-z][^`]*)`", text)
    found = set()
    for line in lines:
        for call in re.findall(r"(?:^|&& )insm ([a-z][^#|;&>]*)", line):
            words = call.split()
            size = 2 if words[0] in GROUPS and len(words) > 1 and re.fullmatch("[a-z0-9-]+", words[1]) else 1
            found.add((*words[:size], *(word.partition("=")[0] for word in words[size:] if word.startswith("--"))))
    return found


@pytest.mark.parametrize("words", sorted(typed()), ids=" ".join)
def test_a_command_of_the_pages_exists(words, monkeypatch, capsys):
    options = [word for word in words if word.startswith("--") and word not in ("--help", "--version")]
    path = [word for word in words if not word.startswith("--")]
    assert tuple(path) in commands() or tuple(path) in {(group,) for group in GROUPS}
    if options:
        monkeypatch.setattr(sys, "argv", ["insm", *path, "--help"])
        monkeypatch.setenv("COLUMNS", "200")
        with pytest.raises(SystemExit):
            cli.main()
        text = capsys.readouterr().out
        assert [option for option in options if option not in text] == []


def test_the_command_line_s_page_lists_every_command():
    text = (ROOT / "docs/command-line.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`insm [^|]*) \|", text, re.M)
    listed = set()
    for row in rows:
        first, *others = re.findall(r"`([^`]+)`", row)
        words = first.removeprefix("insm ").split()
        listed |= {tuple(words), *((words[0], other) for other in others)}
    assert {words for words in commands() if words[0] != "job"} <= listed
    assert {words for words in listed if words != ("job", "...")} <= set(commands())


def test_the_tutorial_is_made_of_its_page_s_blocks_word_for_word():
    steps = blocks(ROOT / "docs/tutorial.md")
    page = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
    assert len(steps) == page.count("```sh") > 3
    assert all(commands in page and commands in script(steps) for _, commands in steps)


def test_the_tutorial_s_script_notes_hours_and_processor_time(tmp_path):
    file = tmp_path / "times"
    subprocess.run(["bash", "-c", script([("one", "true"), ("two", "true")])], env={**os.environ, "TIMES": str(file)})
    assert len(clocks(file.read_text())) == 3
    assert clocks("10.5\n0m1.000s 0m0.500s\n1m0.250s 0m0.250s\n") == [(10.5, 62)]
