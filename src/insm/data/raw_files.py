"""Raw files of a dataset: where they lie, and the split that is prepared from them."""

from pathlib import Path

from insm.data.dataset import load_dataset
from insm.data.lazy_split import LazySplit
from insm.data.settings import SplitConfig

RAW = Path("data/raw")
CHECKSUMS, UNPACKED = "checksums.json", "unpacked.json"  # records of `insm job fetch`, below RAW/<dataset>


def raw_folder(settings: SplitConfig) -> Path:
    """The folder of a split's raw files: the study's own, or where `insm job fetch` unpacks them."""
    dataset = load_dataset(settings.dataset)
    return settings.source or RAW / dataset.name / dataset.folder


def lazy_split_of(settings: SplitConfig) -> LazySplit:
    """The split that settings describe, its images not yet decoded or rendered."""
    dataset = load_dataset(settings.dataset)
    return dataset.lazy_split(settings.split, settings.count, settings.size, settings.seed, raw_folder(settings))


def count_differences(settings: SplitConfig) -> list[str]:
    """Where there are more or fewer raw images than the published set has, a line each."""
    dataset = load_dataset(settings.dataset)
    counts = dataset.count_raw_images(raw_folder(settings)) if dataset.published else {}
    return [
        f"{dataset.name}: {folder} has {counts[folder]:,} images, the published set has {number:,}"
        for folder, number in dataset.published.items()
        if counts.get(folder, number) != number
    ]
