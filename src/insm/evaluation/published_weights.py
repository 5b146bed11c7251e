"""Published weights of feature extractors: fetched and verified like the raw files of datasets."""

from pathlib import Path

from insm.data.download.fetch import fetch
from insm.data.download.transfer import Patience
from insm.evaluation.extractor import EXTRACTORS
from insm.support.errors import UserError


def fetch_weights(extractor: str, folder: Path) -> None:
    """Bring the published weights of an extractor into a folder.

    Raises:
        UserError: none are published, or they cannot be had.
    """
    sources = EXTRACTORS.load(extractor).Extractor.sources
    if not sources:
        raise UserError(f"nobody publishes weights of {extractor} that could be fetched: name a file of your own")
    fetch(sources, folder, {}, Patience())
