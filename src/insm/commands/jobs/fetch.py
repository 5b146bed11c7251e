"""`insm job fetch`: the raw files of a dataset, for a study."""

from pathlib import Path

from insm.data.download.dataset import fetch_dataset


def fetch(dataset: str, checksums: Path, unpacked: Path) -> None:
    """Bring the files of DATASET beside CHECKSUMS (.json), their record, and unpack archives: UNPACKED (.json)."""
    fetch_dataset(dataset, checksums, unpacked)
