"""All raw files of a dataset: fetched, verified, unpacked and recorded."""

from pathlib import Path

from insm.data.dataset import load_dataset
from insm.data.download.fetch import fetch
from insm.data.download.transfer import Patience
from insm.data.download.unpack import unpack
from insm.support.files import read_json, write_json


def fetch_dataset(name: str, checksums: Path, unpacked: Path) -> None:
    """Bring the raw files of a dataset beside `checksums`, and unpack its archives.

    Args:
        checksums: record (.json) of each file's bytes, SHA-256 and origin; an earlier one is compared with.
        unpacked: record (.json) of what each archive held.

    Raises:
        UserError: a file cannot be had, is not the published one, or cannot be unpacked.
    """
    sources, folder = load_dataset(name).sources, checksums.parent
    earlier = read_json(checksums) if checksums.exists() else {}
    records = fetch(sources, folder, {k: r for k, r in earlier.items() if isinstance(r, dict)}, Patience())
    write_json(checksums, records)
    archives = [source for source in sources if source.folder]
    write_json(unpacked, {s.folder: unpack(folder / s.name, s, str(records[s.name]["sha256"])) for s in archives})
