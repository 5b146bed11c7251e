"""How fast splits are prepared, beside torchvision's ImageFolder, and read in batches, beside torch's DataLoader.

    python benchmarks/preparing.py [--files 300] [--side 1024] [--size 256] [--output benchmarks/preparing.csv]

Every number is the median of three passes over the same JPEG files, made here as large as CelebA-HQ's. `ratio` is
relative to ImageFolder for preparing, to DataLoader without workers for batches: float tensors in [-1, 1], shuffled
and half of them flipped, by DataLoader from ImageFolder, by our sampler from the prepared split. Where the split is not
to be in memory, the system drops its pages before each pass.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from machine import machine
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from insm.data.dataset import load_dataset
from insm.data.preparation import save_split
from insm.data.prepared_split import PreparedSplit
from insm.data.sampler import Sampler
from insm.datasets.photos.files import image_files
from insm.datasets.photos.photo_split import photo_split
from insm.support.files import load_array
from insm.support.torchvision_import import torchvision

BATCH, PASSES = 16, 3
Row = tuple[str, int, float, float]  # what, workers (0: the main process), images per second, ratio


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


def measure_batches(root: Path, images: Path, table: Path, count: int, size: int) -> list[Row]:
    """Shuffled and flipped batches, from files and from a prepared split, whose last one may be smaller."""
    v2 = torchvision.transforms
    steps = [v2.Resize(size, v2.InterpolationMode.LANCZOS), v2.CenterCrop(size), v2.RandomHorizontalFlip()]
    scale = v2.Lambda(scaled)
    files = torchvision.datasets.ImageFolder(root, v2.Compose([*steps, v2.PILToTensor(), scale]))
    array = Array(images, v2.Compose([v2.RandomHorizontalFlip(), scale]))

    def loading(dataset: Dataset, workers: int) -> float:
        return speed(count, lambda: exhaust(DataLoader(dataset, BATCH, shuffle=True, num_workers=workers)))

    plain = loading(files, 0)
    rows: list[Row] = [("batches by DataLoader, from ImageFolder", 0, plain, 1.0)]
    for workers in sorted({1, os.cpu_count() or 1}):
        rows.append(
            ("batches by DataLoader, from ImageFolder", workers, faster := loading(files, workers), faster / plain)
        )
    rows.append(("batches by DataLoader, from a prepared split", 0, faster := loading(array, 0), faster / plain))

    def sample() -> None:
        split = PreparedSplit(load_array(images), pd.read_parquet(table), "train")
        sampler = Sampler(split, load_dataset("folder:Any"), batch=BATCH, seed=0, flip=True)
        exhaust(sampler(step) for step in range(count // BATCH))

    for where, before in (("not in memory", lambda: forget(images)), ("in memory", lambda: None)):
        reading = speed(count // BATCH * BATCH, sample, before)
        rows.append((f"batches by our sampler, from a prepared split {where}", 0, reading, reading / plain))
    return rows


class Array(Dataset):
    """The images [N, S, S, 3] of a prepared split as torch's loader wants them."""

    def __init__(self, path: Path, transform: Callable):
        self.images, self.transform = load_array(path), transform

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, row: int) -> tuple[torch.Tensor, int]:
        return self.transform(torch.from_numpy(self.images[row].copy()).permute(2, 0, 1)), 0


def scaled(image: torch.Tensor) -> torch.Tensor:
    """Levels in 0..255 -> [-1, 1]."""
    return image / 127.5 - 1


def exhaust(batches: Iterable[object]) -> None:
    for _ in batches:
        pass


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
        rows: list[Row] = [("ImageFolder, resized to uint8", 1, plain, 1.0)]
        for workers in sorted({1, 2, os.cpu_count()}):
            preparing = speed(count, lambda n=workers: save_split(lazy, images, table, n))
            rows.append(("preparing", workers, preparing, preparing / plain))
        rows += measure_batches(root, images, table, count, size)
    return pd.DataFrame(rows, columns=["what", "workers", "images_per_second", "ratio"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--files", type=int, default=300)
    parser.add_argument("--side", type=int, default=1024, help="pixels of the raw images")
    parser.add_argument("--size", type=int, default=256, help="pixels of the prepared split")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/preparing.csv"))
    arguments = parser.parse_args()
    os.environ["INSM_QUIET"] = "1"
    torch.set_num_threads(1)
    about = {"files": arguments.files, "side": arguments.side, "size": arguments.size} | machine()
    made = measure(arguments.files, arguments.side, arguments.size).assign(**about)
    made.to_csv(arguments.output, index=False, float_format="%.4g")
    print(made.to_string(index=False))
