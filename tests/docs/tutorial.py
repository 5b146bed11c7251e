"""The shell commands of a page of the docs, and one script of them, which `benchmarks/tutorial.py` runs."""

import re
from pathlib import Path

BLOCK = re.compile(r"^## ([^\n]+)|^```sh\n(.*?)^```$", re.M | re.S)
CLOCK = '{ date +%s.%N; times; } >> "$TIMES"'  # the hour, and processor time of the shell and of its children


def blocks(page: Path) -> list[tuple[str, str]]:
    """(heading, commands) of every shell block of a page."""
    found, heading = [], ""
    for title, commands in BLOCK.findall(page.read_text(encoding="utf-8")):
        heading = title or heading
        if commands:
            found.append((heading, commands))
    return found


def script(steps: list[tuple[str, str]]) -> str:
    """One shell script of all blocks, which says when each begins."""
    parts = ["set -euo pipefail"]
    for number, (_, commands) in enumerate(steps):
        parts += [f"echo 'tutorial: {number}' >&2; {CLOCK}", commands]
    return "\n".join([*parts, CLOCK])


def clocks(text: str) -> list[tuple[float, float]]:
    """What CLOCK wrote -> (seconds since 1970, seconds of processor time until then) of every time."""
    lines = text.splitlines()
    return [
        (float(hour), sum(60 * float(m) + float(s) for m, s in re.findall(r"(\d+)m([\d.]+)s", own + children)))
        for hour, own, children in zip(lines[::3], lines[1::3], lines[2::3], strict=True)
    ]
