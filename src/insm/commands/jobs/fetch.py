"""`insm fetch`: the original files of a dataset, for a study."""

from pathlib import Path

from insm.data.dataset import load_dataset
from insm.data.download.fetch import fetch as fetch_sources
from insm.data.download.transfer import Patience
from insm.data.download.unpack import unpack
from insm.support.files import read_json, write_json


def fetch(dataset: str, checksums: Path, unpacked: Path) -> None:
    """Bring the files of DATASET beside CHECKSUMS (.json), their record, and unpack archives: UNPACKED (.json)."""
    sources, folder = load_dataset(dataset).sources, checksums.parent
    known = read_json(checksums) if checksums.exists() else {}
    records = fetch_sources(sources, folder, {k: r for k, r in known.items() if isinstance(r, dict)}, Patience())
    write_json(checksums, records)
    archives = [source for source in sources if source.folder]
    write_json(unpacked, {s.folder: unpack(folder / s.name, s, records[s.name]["sha256"]) for s in archives})
