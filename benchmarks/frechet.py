"""FID beside pytorch-fid, clean-fid and torch-fidelity: whether the numbers agree, and seconds.

    OMP_NUM_THREADS=1 python benchmarks/frechet.py [--samples 5000] [--features 2048] [--images 16]
                                                   [--output benchmarks/frechet.csv]

All do the same work on one thread: from features to the distance, once; and from images in memory to features, with the
same random weights, in our mode that follows each package, the median of three passes taken in turns. Seconds are of
processor time, so that other work on the machine counts little; without OMP_NUM_THREADS=1, threads that wait for each
other would be counted as well.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.linalg
import torch
from machine import machine

from insm.evaluation.extractor import parse
from insm.evaluation.metrics.fid import fid, spread
from insm.networks.inception import inception
from insm.support import torch_files
from insm.support.torchvision_import import torchvision  # noqa: F401 - before the packages, which import it too

# isort: split
from cleanfid import inception_pytorch as clean_network
from cleanfid.fid import frechet_distance as clean_fid
from cleanfid.inception_torchscript import InceptionV3W
from cleanfid.resize import make_resizer
from pytorch_fid import inception as pytorch_network
from pytorch_fid.fid_score import calculate_frechet_distance as pytorch_fid
from torch_fidelity import FeatureExtractorInceptionV3
from torch_fidelity.metric_fid import KEY_METRIC_FID, fid_features_to_statistics, fid_statistics_to_metric

BATCH, PASSES, CPU = 8, 3, torch.device("cpu")
Row = tuple[str, str, float, float]  # what, by, seconds, value
Extract = Callable[[np.ndarray], np.ndarray]  # images [N, S, S, 3] -> features [N, 2048]


def timed(work: Callable[[], object]) -> tuple[float, object]:
    """Seconds of processor time and result."""
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def by_moments(distance: Callable[..., float]) -> Callable[[np.ndarray, np.ndarray], float]:
    """A package's distance of means and covariances, as one of two sets of features."""
    return lambda a, b: float(
        distance(a.mean(axis=0), np.cov(a, rowvar=False), b.mean(axis=0), np.cov(b, rowvar=False))
    )


def torch_fidelity(a: np.ndarray, b: np.ndarray) -> float:
    statistics = (fid_features_to_statistics(torch.from_numpy(features)) for features in (a, b))
    return float(fid_statistics_to_metric(*statistics, verbose=False)[KEY_METRIC_FID])


def measure_distance(samples: int, features: int) -> list[Row]:
    """For two sets of correlated, non-negative features, as Inception's are."""
    root = scipy.linalg.sqrtm  # without the argument that SciPy 1.18 drops and two of the packages still give
    scipy.linalg.sqrtm = lambda a, disp=True: root(a) if disp else (root(a), 0.0)
    rng = np.random.default_rng(0)
    mix = rng.normal(size=(features, features)) / np.sqrt(features)
    a, b = (np.maximum(rng.normal(shift, 1, (samples, features)) @ mix, 0) for shift in (0, 0.1))
    ways = {
        "insm": lambda a, b: fid(spread(a), spread(b)),
        "pytorch-fid": by_moments(pytorch_fid),
        "clean-fid": by_moments(clean_fid),
        "torch-fidelity": torch_fidelity,
    }
    what = f"FID of {samples:,} x {features:,} features"
    return [(what, name, *timed(lambda way=way: way(a, b))) for name, way in ways.items()]  # type: ignore[misc]


def random_weights() -> dict[str, torch.Tensor]:
    """Weights with which activations neither vanish nor explode."""
    rng, state = torch.Generator().manual_seed(0), inception().state_dict()
    for name, value in state.items():
        if name.endswith("conv.weight"):
            value.normal_(0, (2 / value[0].numel()) ** 0.5, generator=rng)
    return state


def packages(weights: Path, folder: Path) -> dict[str, tuple[str, Extract]]:
    """Package -> our mode that follows it, and its own way from images to features."""
    for module in (pytorch_network, clean_network):
        module.load_state_dict_from_url = lambda *_, **__: torch.load(weights, weights_only=True)
    legacy = pytorch_network.InceptionV3([3]).eval()
    holder = torch.nn.Module()  # clean-fid's network is a TorchScript file; this has the blocks of its other network
    blocks = torch.nn.Sequential(*clean_network.InceptionV3([3]).eval().blocks)
    holder.layers = torch.jit.trace(blocks, torch.zeros(1, 3, 80, 80), check_trace=False)
    torch.jit.script(holder).save(str(folder / "inception-2015-12-05.pt"))
    clean, resize = InceptionV3W(str(folder), download=False), make_resizer("PIL", False, "bicubic", (299, 299))
    fidelity = FeatureExtractorInceptionV3("inception", ["2048"], feature_extractor_weights_path=str(weights))
    rows = lambda images: torch.from_numpy(images).permute(0, 3, 1, 2)  # noqa: E731
    return {
        "pytorch-fid": ("legacy", lambda images: legacy(rows(images) / 255)[0].flatten(1).numpy()),
        "clean-fid": ("clean", lambda images: clean(rows(np.stack([resize(image) for image in images]))).numpy()),
        "torch-fidelity": ("tensorflow", lambda images: fidelity(rows(images))[0].numpy()),
    }


def measure_features(count: int, size: int) -> list[Row]:
    """Of each package and our mode that follows it; the value is the mean feature."""
    images, made = np.random.default_rng(0).integers(0, 256, (count, size, size, 3), dtype=np.uint8), []
    batches = [images[start : start + BATCH] for start in range(0, count, BATCH)]
    with tempfile.TemporaryDirectory() as name, torch.inference_mode(), torch.jit.optimized_execution(False):
        weights = Path(name, "random.pth")
        torch_files.save(random_weights(), weights)
        for package, (mode, theirs) in packages(weights, Path(name)).items():
            ours = parse(f"inception:{mode}:{weights}")[1].open(CPU)
            ways: dict[str, Extract] = {"insm": ours.extract, package: theirs}
            passes: dict[str, list] = {by: [] for by in ways}
            for number in range(-1, PASSES):
                for by, way in ways.items():
                    result = timed(lambda way=way: np.concatenate([way(batch) for batch in batches]))  # type: ignore[misc]
                    if number >= 0:  # the first call also chooses kernels
                        passes[by].append(result)
            what = f"features of {count} images of {size} px, as {package}"
            made += [
                (what, by, statistics.median(seconds for seconds, _ in runs), float(runs[0][1].mean()))
                for by, runs in passes.items()
            ]
    return made


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--samples", type=int, default=5000)
    parser.add_argument("--features", type=int, default=2048)
    parser.add_argument("--images", type=int, default=16)
    parser.add_argument("--size", type=int, default=256, help="pixels of the images")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/frechet.csv"))
    arguments = parser.parse_args()
    about = machine()
    torch.set_num_threads(1)
    rows = measure_features(arguments.images, arguments.size)
    rows += measure_distance(arguments.samples, arguments.features)
    made = pd.DataFrame(rows, columns=["what", "by", "seconds", "value"])
    made["times_as_long"] = made.seconds / made.groupby("what").seconds.transform("first")
    made.assign(threads=1, **about).to_csv(arguments.output, index=False, float_format="%.6g")
    print(made.to_string(index=False))
