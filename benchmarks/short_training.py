"""Hashes of a short training, with everything before it: the same on every processor with AVX2.

python benchmarks/short_training.py            print the hashes that this processor computes
python benchmarks/short_training.py --compare  compare them with benchmarks/short_training.json

Under an emulator of another processor: qemu-x86_64-static -cpu Haswell .venv/bin/python benchmarks/short_training.py
"""

import insm  # noqa: F401, I001 (first: it pins the CPU kernels)

import json
import sys
import tempfile
from pathlib import Path

from insm.commands.jobs.embedding import embedding
from insm.commands.jobs.prepare import prepare
from insm.commands.jobs.train import train
from insm.support.records import sha256

EXPECTED = Path(__file__).with_suffix(".json")
SPLIT = {"dataset": "portraits", "split": "train", "count": 48, "size": 16, "seed": 0}
PHI = {"widths": [8, 16], "features": 16, "updates": 4, "batch": 16}
RUN = {
    "task": "portraits",
    "variant": "short",
    "seed": 0,
    "dataset": "portraits",
    "size": 16,
    "training": {"updates": 8, "batch": 8},
    "method": {
        "method": "init",
        "generator": {"width": 8, "downs": 1, "blocks": 1},
        "discriminator": {"width": 8, "downs": 2},
    },
}


def hashes(folder: Path) -> dict[str, str]:
    """Prepare a split, pretrain phi and train INIT in a folder -> file -> SHA-256."""
    images, phi, model = folder / "train.npy", folder / "phi.pt", folder / "model.safetensors"
    log, samples = folder / "log.csv", folder / "samples.png"
    prepare(json.dumps(SPLIT), images, images.with_suffix(".parquet"))
    embedding(json.dumps(PHI), "portraits", "cpu", images, phi)
    train(json.dumps(RUN), images, folder / "state", folder / "board", model, log, samples, phi, device="cpu")
    return {path.name: sha256(path) for path in (images, phi, model, log, samples)}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        found = hashes(Path(folder))
    print(json.dumps(found, indent=2))
    if "--compare" in sys.argv[1:]:
        expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
        others = [name for name in expected if found[name] != expected[name]]
        sys.exit(f"error: other bytes than {EXPECTED} says: {', '.join(others)}" if others else 0)
