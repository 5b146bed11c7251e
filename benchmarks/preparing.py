"""How fast splits are prepared, beside torchvision's ImageFolder, and read in shuffled batches, beside decoding.

    python benchmarks/preparing.py [--files 300] [--side 1024] [--size 256] [--output benchmarks/preparing.csv]

Every number is the median of three passes over the same JPEG files, made here as large as CelebA-HQ's. `ratio` is
relative to ImageFolder for preparing, to decoding for reading. Where the split is not to be in memory, the system drops
its pages before each pass.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from machine import machine
from PIL import Image

from insm.data.preparation import save_split
from insm.datasets.photos.decoding import load_photo
from insm.datasets.photos.files import image_files
from insm.datasets.photos.photo_split import photo_split
from insm.support.files import load_array
from insm.support.torchvision_import import torchvision

BATCH, PASSES = 16, 3


def write_images(folder: Path, count: int, side: int) -> None:
    """Smooth colours with fine noise, which JPEG files of photographs resemble in size and cost."""
    folder.mkdir()
    for k in range(count):
        rng = np.random.default_rng(k)
        coarse = Image.fromarray(rng.integers(0, 256, (16, 16, 3), dtype=np.uint8))
        smooth = np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC), dtype=np.float32)
        noisy = smooth + rng.normal(0, 6, (side, side, 1))
        Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(folder / f"{k:05}.jpg", quality=90)


def speed(count: int, work: Callable[[], None], before: Callable[[], None] = lambda: None) -> float:
    """Images per second, the median of some passes; `before` each, something that is not timed."""
    seconds = []
    for _ in range(PASSES):
        before()
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return count / statistics.median(seconds)


def forget(path: Path) -> None:
    """Drop a file, which is mapped nowhere, from the system's cache (Linux)."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def measure(count: int, side: int, size: int) -> pd.DataFrame:
    """Rows (what, workers, images_per_second, ratio)."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        write_images(root / "images", count, side)
        paths = image_files(root / "images")
        images, table = root / "a.npy", root / "a.parquet"
        lazy = photo_split(paths, pd.DataFrame({"Any": np.zeros(count, np.uint8)}), size)
        v2 = torchvision.transforms
        steps = [v2.Resize(size, v2.InterpolationMode.LANCZOS), v2.CenterCrop(size), v2.PILToTensor()]
        folder = torchvision.datasets.ImageFolder(root, v2.Compose(steps))
        plain = speed(count, lambda: [folder[k] for k in range(count)])
        rows = [("ImageFolder, resized to uint8", 1, plain, 1.0)]
        for workers in sorted({1, 2, os.cpu_count()}):
            preparing = speed(count, lambda n=workers: save_split(lazy, images, table, n))
            rows.append(("preparing", workers, preparing, preparing / plain))
        order = np.random.default_rng(0).permutation(count)
        batches = [order[k : k + BATCH] for k in range(0, count, BATCH)]
        decoding = speed(count, lambda: [np.stack([load_photo(paths[k], size) for k in batch]) for batch in batches])
        rows.append(("shuffled batches, decoded from JPEG", 1, decoding, 1.0))

        def read():
            array = load_array(images)
            for batch in batches:
                array[batch]

        for where, before in (("not in memory", lambda: forget(images)), ("in memory", lambda: None)):
            reading = speed(count, read, before)
            rows.append((f"shuffled batches, from a prepared split {where}", 1, reading, reading / decoding))
    return pd.DataFrame(rows, columns=["what", "workers", "images_per_second", "ratio"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--files", type=int, default=300)
    parser.add_argument("--side", type=int, default=1024, help="pixels of the raw images")
    parser.add_argument("--size", type=int, default=256, help="pixels of the prepared split")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/preparing.csv"))
    arguments = parser.parse_args()
    os.environ["INSM_QUIET"] = "1"
    about = {"files": arguments.files, "side": arguments.side, "size": arguments.size} | machine()
    made = measure(arguments.files, arguments.side, arguments.size).assign(**about)
    made.to_csv(arguments.output, index=False, float_format="%.4g")
    print(made.to_string(index=False))
