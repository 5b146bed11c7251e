"""`insm job prepare`: one prepared split of a task."""

from pathlib import Path

from insm.commands.arguments import settings
from insm.data.dataset import load_dataset
from insm.data.preparation import prepare_split
from insm.data.raw_files import CHECKSUMS, RAW, UNPACKED
from insm.data.settings import SplitConfig
from insm.data.source_listing import source_fingerprint
from insm.support.records import noted, opened


def prepare(config: str, images: Path, table: Path, workers: int = 1) -> None:
    """Prepare the split that CONFIG (JSON or its file) describes: IMAGES (.npy) and TABLE (.parquet), on WORKERS cores.

    Their SHA-256 checksums go beside them (.sha256), for every job that opens the split.
    """
    split = settings(SplitConfig, config)
    if split.source:
        noted(split.source, source_fingerprint(split.source))
    else:
        for record in (CHECKSUMS, UNPACKED):
            opened(RAW / load_dataset(split.dataset).name / record)
    prepare_split(split, images, table, workers)
