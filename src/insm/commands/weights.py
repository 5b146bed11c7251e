"""`insm weights`: the published weights of a feature extractor."""

from pathlib import Path

from insm.downloading import Patience
from insm.errors import UserError
from insm.extractors import EXTRACTORS
from insm.fetching import fetch


def weights(extractor: str, folder: Path) -> None:
    """Bring the published weights of EXTRACTOR into FOLDER, verified."""
    sources = EXTRACTORS.load(extractor).Extractor.sources
    if not sources:
        raise UserError(f"nobody publishes weights of {extractor} that could be fetched: name a file of your own")
    fetch(sources, folder, {}, Patience())
