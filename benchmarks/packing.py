"""How fast pictures are packed, beside torchvision's ImageFolder, and read back in shuffled batches, beside decoding.

    python benchmarks/packing.py [--files 300] [--side 1024] [--size 256] [--output benchmarks/packing.csv]

Every number is the median of three passes over the same JPEG files, made here as large as CelebA-HQ's.
"""

import argparse
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from insm import pack as packs
from insm.compat import torchvision
from insm.datasets.photographs import draft_photos, load_photo, photos_in

BATCH, PASSES = 16, 3


def write_pictures(folder: Path, count: int, side: int) -> None:
    """Smooth colours with fine noise, which JPEG files of photographs resemble in size and cost."""
    folder.mkdir()
    for k in range(count):
        rng = np.random.default_rng(k)
        coarse = Image.fromarray(rng.integers(0, 256, (16, 16, 3), dtype=np.uint8))
        smooth = np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC), dtype=np.float32)
        noisy = smooth + rng.normal(0, 6, (side, side, 1))
        Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(folder / f"{k:05}.jpg", quality=90)


def speed(count: int, work: Callable[[], None]) -> float:
    """Pictures per second, the median of some passes."""
    seconds = []
    for _ in range(PASSES):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return count / statistics.median(seconds)


def measure(count: int, side: int, size: int) -> pd.DataFrame:
    """Rows (what, workers, images_per_second)."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        write_pictures(root / "pictures", count, side)
        paths = photos_in(root / "pictures")
        images, table = root / "a.npy", root / "a.parquet"
        draft = draft_photos(paths, pd.DataFrame({"Any": np.zeros(count, np.uint8)}), size)
        v2 = torchvision.transforms
        steps = [v2.Resize(size, v2.InterpolationMode.LANCZOS), v2.CenterCrop(size), v2.PILToTensor()]
        folder = torchvision.datasets.ImageFolder(root, v2.Compose(steps))
        rows = [("ImageFolder, resized to uint8", 1, speed(count, lambda: [folder[k] for k in range(count)]))]
        for workers in sorted({1, 2, os.cpu_count()}):
            rows.append(("packing", workers, speed(count, lambda n=workers: packs.save(draft, images, table, n))))
        pack, order = packs.load(images), np.random.default_rng(0).permutation(count)
        batches = [order[k : k + BATCH] for k in range(0, count, BATCH)]
        decode = lambda: [np.stack([load_photo(paths[k], size) for k in batch]) for batch in batches]  # noqa: E731
        rows.append(("shuffled batches, decoded from JPEG", 1, speed(count, decode)))
        rows.append(("shuffled batches, from the pack", 1, speed(count, lambda: [pack.images[b] for b in batches])))
    return pd.DataFrame(rows, columns=["what", "workers", "images_per_second"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--files", type=int, default=300)
    parser.add_argument("--side", type=int, default=1024, help="pixels of the originals")
    parser.add_argument("--size", type=int, default=256, help="pixels of the pack")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/packing.csv"))
    arguments = parser.parse_args()
    os.environ["INSM_QUIET"] = "1"
    made = measure(arguments.files, arguments.side, arguments.size)
    made = made.assign(files=arguments.files, side=arguments.side, size=arguments.size,
                       cores=os.cpu_count(), load=round(os.getloadavg()[0], 1), machine=platform.machine())  # fmt: skip
    made.to_csv(arguments.output, index=False, float_format="%.4g")
    print(made.to_string(index=False))
