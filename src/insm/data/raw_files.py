"""Raw files of a dataset: where they lie, and the split that is prepared from them."""

from pathlib import Path

from insm.data.dataset import Procedural, load_dataset
from insm.data.lazy_split import LazySplit
from insm.data.settings import SplitConfig
from insm.support.errors import UserError

RAW = Path("data/raw")
CHECKSUMS, UNPACKED = "checksums.json", "unpacked.json"  # records of `insm job fetch`, below RAW/<dataset>


def raw_folder(settings: SplitConfig) -> Path:
    """The folder of a split's raw files: the study's own, or where `insm job fetch` unpacks them."""
    dataset = load_dataset(settings.dataset)
    return settings.source or RAW / dataset.name / dataset.folder


def lazy_split_of(settings: SplitConfig) -> LazySplit:
    """The split that settings describe, its images not yet decoded or rendered.

    Raises:
        UserError: raw files are missing, are others than expected, or may not be read.
    """
    dataset, count, folder = load_dataset(settings.dataset), settings.count, raw_folder(settings)
    rest = (settings.size, settings.seed, folder)
    try:
        if isinstance(dataset, Procedural):
            return dataset.lazy_split(settings.split, count, *rest, draw=settings.draw)
        if settings.split == "validation":  # the training images after those that train
            return dataset.lazy_split("train", settings.train + count, *rest).part(
                settings.train, settings.train + count
            )
        if settings.reserve:
            return dataset.lazy_split(settings.split, count + settings.reserve, *rest).part(0, count)
        return dataset.lazy_split(settings.split, count, *rest)
    except OSError as error:
        place = error.filename or raw_folder(settings)
        raise UserError(
            f"{place} cannot be read ({error.strerror or error}): permit it, or set key data.source"
        ) from None


def check_source(settings: SplitConfig, key: str) -> None:
    """Whether a folder of one's own has the files of a split; no image is decoded.

    Args:
        key: the full name of the study's section `data`, for messages.

    Raises:
        UserError: it has not: files or labels are missing, or there are too few.
    """
    if settings.source is None or not settings.source.is_dir():  # it may be brought later
        return
    try:
        lazy_split_of(settings)
    except UserError as error:
        raise UserError(str(error).replace("key data.", f"key {key}.")) from None


def count_differences(settings: SplitConfig) -> list[str]:
    """Where there are more or fewer raw images than the published set has, a line each."""
    dataset = load_dataset(settings.dataset)
    counts = dataset.count_raw_images(raw_folder(settings)) if dataset.published else {}
    return [
        f"{dataset.name}: {folder} has {counts[folder]:,} images, the published set has {number:,}"
        for folder, number in dataset.published.items()
        if counts.get(folder, number) != number
    ]
