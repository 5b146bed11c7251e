"""Run the commands of docs/tutorial.md, word for word, in a fresh clone of the last commit (`make tutorial`).

The environment variable STUDY chooses the study: study (the default) or smoke.
"""

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = "docs/tutorial.md"
BLOCK = re.compile(r"^## ([^\n]+)|^```sh\n(.*?)^```$", re.M | re.S)


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
        parts += [f"echo 'tutorial: {number}' >&2; date +%s >> \"$TIMES\"", commands]
    return "\n".join([*parts, 'date +%s >> "$TIMES"'])


def main() -> int:
    """Clone, run, and print a table of seconds; the exit status of the commands."""
    with tempfile.TemporaryDirectory(prefix="insm-tutorial-") as folder:
        clone, times = Path(folder, "clone"), Path(folder, "times")
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        steps = blocks(clone / PAGE)
        begin = time.monotonic()
        done = subprocess.run(
            ["env", "-u", "MAKEFLAGS", "-u", "MAKELEVEL", f"TIMES={times}", "bash", "-c", script(steps)], cwd=clone
        )
        if done.returncode == 0:
            seconds = [int(line) for line in times.read_text().split()]
            print("step,seconds")
            for (heading, _), start, end in zip(steps, seconds, seconds[1:], strict=False):
                print(f"{heading},{end - start}")
        print(f"tutorial: exit status {done.returncode} after {time.monotonic() - begin:.0f} s", file=sys.stderr)
        return done.returncode


if __name__ == "__main__":
    sys.exit(main())
