"""The rehearsal of the real data sets runs, in miniature, from made-up files to trained models."""

import subprocess
import sys
from pathlib import Path

from insm.files import read_json

ROOT = Path(__file__).parents[2]


def test_rehearsal(tmp_path):
    command = [sys.executable, ROOT / "benchmarks/rehearsal.py", tmp_path / "r", "--scale", "0.0005"]
    subprocess.run([*command, "--size", "16", "--updates", "2"], check=True)
    for name in ("celeba_hq", "yosemite", "edges2shoes"):
        content = read_json(tmp_path / "r/data/rehearsal" / name / "card.json")
        assert content["splits"]["train"]["rows"] == content["splits"]["train"]["asked"] > 0
        assert all(numbers["found"] for numbers in content["originals"].values())
        assert (tmp_path / "r/results/rehearsal/runs" / name / "model.pt").exists()
