"""Freed memory is used again, without faults of pages; what cycles keep is given back."""

import gc
import subprocess
import sys
import weakref

import torch

from insm.support.memory import give_back

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


class Cycle:
    """Something that refers to itself."""

    def __init__(self):
        self.itself = self


def test_cycles_and_a_gpu_s_memory_are_given_back(monkeypatch):
    emptied = []
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: emptied.append(True))
    gc.disable()
    try:
        cycle = weakref.ref(Cycle())
        give_back()
        assert cycle() is None and not emptied, "torch has no GPU"
        monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
        give_back()
        assert emptied
    finally:
        gc.enable()
