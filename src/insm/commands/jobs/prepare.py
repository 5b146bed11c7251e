"""`insm job prepare`: one prepared split of a task."""

import sys
from pathlib import Path

from insm.commands.arguments import settings
from insm.data import checksums
from insm.data.lazy_split import save_split
from insm.data.raw_files import count_differences, lazy_split_of
from insm.data.settings import SplitConfig


def prepare(config: str, images: Path, table: Path, workers: int = 1) -> None:
    """Prepare the split that CONFIG (JSON, or its file) describes: IMAGES (.npy) and TABLE (.parquet), on WORKERS cores.

    Their SHA-256 checksums go beside them (.sha256), for every job that opens the split.
    """
    split = settings(SplitConfig, config)
    for difference in count_differences(split):
        print(f"note: {difference}", file=sys.stderr)
    save_split(lazy_split_of(split), images, table, workers, split.skip_broken)
    checksums.record(images, table)
