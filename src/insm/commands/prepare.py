"""`insm prepare`: the packs of a study."""

import sys
from pathlib import Path

from insm import pack, sums
from insm.config import PackConfig
from insm.datasets import load_dataset
from insm.files import read_json
from insm.pack import Draft
from insm.schema import parse

RAW = Path("data/raw")


def draft(want: PackConfig) -> Draft:
    """The pack that a configuration describes, yet to be painted."""
    return load_dataset(want.dataset).draft(want.split, want.count, want.size, want.seed, originals(want))


def originals(want: PackConfig) -> Path:
    """The folder of a pack's original files: the study's own, or where `fetch` unpacks them."""
    dataset = load_dataset(want.dataset)
    return want.source or RAW / dataset.name / dataset.folder


def differences(want: PackConfig) -> list[str]:
    """Where there are more or fewer original pictures than the published set has."""
    dataset = load_dataset(want.dataset)
    found = dataset.census(originals(want)) if dataset.published else {}
    return [
        f"{dataset.name}: {folder} has {found[folder]:,} pictures, the published set has {number:,}"
        for folder, number in dataset.published.items()
        if found.get(folder, number) != number
    ]


def prepare(config: Path, images: Path, table: Path, workers: int = 1) -> None:
    """Make the split of a dataset that CONFIG describes: IMAGES (.npy) and TABLE (.parquet), on WORKERS cores.

    Their SHA-256 sums go beside them (.sha256), for those who are to read them.
    """
    want: PackConfig = parse(PackConfig, read_json(config), config)
    for difference in differences(want):
        print(f"note: {difference}", file=sys.stderr)
    pack.save(draft(want), images, table, workers, want.skip_broken)
    sums.record(images, table)
