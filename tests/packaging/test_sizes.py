"""What git holds stays small."""

import subprocess

import pytest

from tests import ROOT

OUTCOMES, ALL = 15_000_000, 45_000_000  # bytes


def test_tracked_files_and_outcomes_stay_small():
    if not (ROOT / ".git").exists():
        pytest.skip("no repository")
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], capture_output=True, text=True, check=True).stdout
    sizes = {name: (ROOT / name).stat().st_size for name in listed.split("\0") if name and (ROOT / name).is_file()}
    kept = sum(size for name, size in sizes.items() if name.split("/")[:1] == ["results"] and "/outcomes/" in name)
    assert kept < OUTCOMES and sum(sizes.values()) < ALL, (kept, sum(sizes.values()))
