"""Commands start at once: only those that compute load torch, which takes seconds."""

import subprocess
import sys

import pytest

from insm import cli

COMPUTE = {
    *("edit", "estimate", "train", "doctor", "model export", "model info", "model card"),
    *(f"job {name}" for name in ("configure", "needs", "embedding", "identity-encoder", "classifier", "train")),
    *(f"job {name}" for name in ("apply-edits", "evaluate", "keep", "pipeline", "reuse")),
}
"""They use networks, halve weights, count what networks take, check a study's networks, or look whether torch works."""

GROUPS = {"": cli.PEOPLE, "data ": cli.DATA, "model ": cli.MODEL, "vote ": cli.VOTE, "job ": cli.JOBS}
OTHERS = sorted(
    f"{group}{name}" for group, names in GROUPS.items() for name in names if f"{group}{name}" not in COMPUTE
)
ASK = """
import sys
from insm import cli

for line in sys.stdin:
    sys.argv = ["insm", *line.split(), "--help"]
    try:
        cli.main()
    except SystemExit as end:
        assert not end.code, line
    if "torch" in sys.modules:
        sys.exit(f"loads torch: {line}")
"""


def test_commands_that_do_not_compute_load_no_torch():
    """All in one process, of which none may load it."""
    asked = subprocess.run(
        [sys.executable, "-c", ASK], input="\n".join(OTHERS), text=True, capture_output=True, timeout=120
    )
    assert asked.returncode == 0, asked.stderr[-500:]


@pytest.mark.parametrize("name", sorted(COMPUTE))
def test_the_list_names_commands(name):
    group, _, command = f" {name}".rpartition(" ")
    assert command in GROUPS[f"{group.strip()} ".lstrip()]
