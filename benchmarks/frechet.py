"""How fast FID is, beside the matrix root by SciPy as in pytorch-fid, and Inception's features, beside pytorch-fid's.

    OMP_NUM_THREADS=1 python benchmarks/frechet.py [--samples 5000] [--features 2048] [--images 32]
                                                   [--output benchmarks/frechet.csv]

Both do the same work on one thread: from features to the distance, once; and from images in memory to features, with
the same random weights, the median of three passes taken in turns. Seconds are of processor time, so that other work on
the machine counts little; without OMP_NUM_THREADS=1, threads that wait for each other would be counted as well.
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
import torch
from scipy.linalg import sqrtm

from insm.evaluation.extractor import parse
from insm.evaluation.metrics.fid import fid, spread
from insm.networks.inception import inception
from insm.support import torch_files
from insm.support.torchvision_import import torchvision  # noqa: F401 - before pytorch-fid, which imports it too

# isort: split
from pytorch_fid import inception as reference

BATCH, PASSES = 8, 3


def timed(work: Callable[[], object]) -> tuple[float, object]:
    """Seconds of processor time and result."""
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def root_distance(a: np.ndarray, b: np.ndarray) -> float:
    """FID by the root of the product of the covariances."""
    covariances = [np.cov(features, rowvar=False) for features in (a, b)]
    gap = a.mean(axis=0) - b.mean(axis=0)
    return float(gap @ gap + np.trace(sum(covariances)) - 2 * np.trace(sqrtm(covariances[0] @ covariances[1])).real)


def measure_distance(samples: int, features: int) -> list[tuple[str, str, float, float]]:
    """Rows (what, by, seconds, value) for two sets of correlated, non-negative features, as Inception's are."""
    rng = np.random.default_rng(0)
    mix = rng.normal(size=(features, features)) / np.sqrt(features)
    a, b = (np.maximum(rng.normal(shift, 1, (samples, features)) @ mix, 0) for shift in (0, 0.1))
    ways = {"insm": lambda: fid(spread(a), spread(b)), "scipy.linalg.sqrtm": lambda: root_distance(a, b)}
    what = f"FID of {samples:,} x {features:,} features"
    return [(what, name, *timed(way)) for name, way in ways.items()]


def random_weights() -> dict[str, torch.Tensor]:
    """Weights with which activations neither vanish nor explode."""
    rng, state = torch.Generator().manual_seed(0), inception().state_dict()
    for name, value in state.items():
        if name.endswith("conv.weight"):
            value.normal_(0, (2 / value[0].numel()) ** 0.5, generator=rng)
    return state


def measure_features(count: int, size: int) -> list[tuple[str, str, float, float]]:
    """Rows (what, by, seconds, value); the value is the mean feature."""
    images = np.random.default_rng(0).integers(0, 256, (count, size, size, 3), dtype=np.uint8)
    with tempfile.TemporaryDirectory() as name:
        weights = Path(name, "random.pth")
        torch_files.save(random_weights(), weights)
        ours = parse(f"inception:legacy:{weights}")[1].open(torch.device("cpu"))
        reference.load_state_dict_from_url = lambda *_, **__: torch.load(weights, weights_only=True)
        theirs = reference.InceptionV3([3]).eval()

    @torch.inference_mode()
    def extract(images: np.ndarray) -> np.ndarray:
        return theirs(torch.from_numpy(images).permute(0, 3, 1, 2) / 255)[0].flatten(1).double().numpy()

    ways = {"insm": ours.extract, "pytorch-fid": extract}
    batches = [images[start : start + BATCH] for start in range(0, count, BATCH)]
    for way in ways.values():
        way(batches[0])  # the first call also chooses kernels
    passes = {name: [] for name in ways}
    for _ in range(PASSES):
        for name, way in ways.items():
            passes[name].append(timed(lambda way=way: np.concatenate([way(batch) for batch in batches])))
    what = f"features of {count} images of {size} px, batches of {BATCH}"
    return [
        (what, name, statistics.median(seconds for seconds, _ in runs), runs[0][1].mean())
        for name, runs in passes.items()
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--samples", type=int, default=5000)
    parser.add_argument("--features", type=int, default=2048)
    parser.add_argument("--images", type=int, default=32)
    parser.add_argument("--size", type=int, default=256, help="pixels of the images")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/frechet.csv"))
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    torch.set_num_threads(1)
    rows = measure_features(arguments.images, arguments.size)
    rows += measure_distance(arguments.samples, arguments.features)
    made = pd.DataFrame(rows, columns=["what", "by", "seconds", "value"])
    made["times_faster"] = made.groupby("what").seconds.transform("last") / made.seconds
    made = made.assign(threads=1, cores=os.cpu_count(), load=round(load, 1), machine=platform.machine())
    made.to_csv(arguments.output, index=False, float_format="%.6g")
    print(made.to_string(index=False))
