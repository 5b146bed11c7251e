"""`insm job prepare`: one prepared split of a task."""

from pathlib import Path

from insm.commands.arguments import settings
from insm.data.preparation import prepare_split
from insm.data.settings import SplitConfig


def prepare(config: str, images: Path, table: Path, workers: int = 1) -> None:
    """Prepare the split that CONFIG (JSON or its file) describes: IMAGES (.npy) and TABLE (.parquet), on WORKERS cores.

    Their SHA-256 checksums go beside them (.sha256), for every job that opens the split.
    """
    prepare_split(settings(SplitConfig, config), images, table, workers)
