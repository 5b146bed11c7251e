"""Freed memory is used again, without faults of pages."""

import subprocess
import sys

TOLD = """
import resource, sys
import numpy as np
from insm.support.memory import keep_freed

if sys.argv[1] == "kept":
    keep_freed()
np.ones(2**24)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(4):
    np.ones(2**24)  # 128 MiB
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", TOLD, how], check=True, capture_output=True, text=True)
    return int(done.stdout)


def test_freed_memory_is_used_again():
    usual, kept = faults("usual"), faults("kept")
    assert kept < 10 <= usual
