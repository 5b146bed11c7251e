"""`insm job prepare`: one prepared split of a task."""

import sys
from pathlib import Path

from insm.data import checksums
from insm.data.lazy_split import save_split
from insm.data.raw_files import count_differences, lazy_split_of
from insm.data.settings import SplitConfig
from insm.support.files import read_json
from insm.support.schema import parse


def prepare(config: Path, images: Path, table: Path, workers: int = 1) -> None:
    """Prepare the split that CONFIG (.json) describes: IMAGES (.npy) and TABLE (.parquet), on WORKERS cores.

    Their SHA-256 checksums go beside them (.sha256), for every job that opens the split.
    """
    settings: SplitConfig = parse(SplitConfig, read_json(config), config)
    for difference in count_differences(settings):
        print(f"note: {difference}", file=sys.stderr)
    save_split(lazy_split_of(settings), images, table, workers, settings.skip_broken)
    checksums.record(images, table)
