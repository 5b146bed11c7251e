"""A short training gives the committed bytes on every processor with AVX2; `make emulation-test` emulates another."""

import json
import platform
from pathlib import Path

import pytest
from benchmarks import short_training

CPUINFO = Path("/proc/cpuinfo")
AVX2 = platform.machine() == "x86_64" and CPUINFO.exists() and " avx2 " in CPUINFO.read_text(encoding="utf-8")


@pytest.mark.skipif(not AVX2, reason="needs an x86-64 processor with AVX2")
def test_a_short_training_gives_the_committed_bytes(tmp_path):
    assert short_training.hashes(tmp_path) == json.loads(short_training.EXPECTED.read_text(encoding="utf-8"))
