"""`insm data list`, `info`, `fetch` and `weights`: raw files of datasets, and published weights."""

import textwrap
from pathlib import Path

from tabulate import tabulate

from insm.commands.jobs.fetch import fetch as bring
from insm.data.dataset import DATASETS, Dataset, load_dataset
from insm.data.download.fetch import fetch as fetch_sources
from insm.data.download.transfer import Patience
from insm.data.raw_files import CHECKSUMS, RAW, UNPACKED
from insm.evaluation.extractor import EXTRACTORS
from insm.support.errors import UserError


def list() -> None:
    """Every dataset: its attributes, the size of its original files, their licence."""
    rows = []
    for name in DATASETS.names():
        dataset = load_dataset(name)
        here = "yes" if (RAW / name / UNPACKED).exists() else "no"
        rows.append(
            (name, len(dataset.attributes), download_size(dataset), here if dataset.sources else "-", licence(dataset))
        )
    print(tabulate(rows, headers=("dataset", "attributes", "download", "fetched", "licence")))


def info(name: str) -> None:
    """All about the dataset NAME: attributes, files, mirrors, checksums, licence, citation."""
    dataset = load_dataset(name)
    rows = [("dataset", name), ("attributes", ", ".join(dataset.attributes)), ("licence", licence(dataset))]
    rows += [("homepage", dataset.homepage), ("citation", dataset.citation)]
    for source in dataset.sources:
        size = f"{source.size:,} bytes" if source.size else "size not published"
        rows += [("", ""), ("file", f"{RAW / name / source.name} ({size})")]
        rows += [("checksum", source.checksum or "none published: the first download is trusted and recorded")]
        rows += [
            ("places", ", ".join(source.places)),
            *(("mirror", url) for url in source.urls),
            ("by hand", source.by_hand),
        ]
    for key, text in rows:
        if text or not key:
            print(textwrap.fill(f"{key:<12}{text}", 120, subsequent_indent=" " * 12, break_long_words=False).rstrip())


def fetch(name: str) -> None:
    """Bring the original files of the dataset NAME into data/raw/NAME, verified, and unpack them."""
    if load_dataset(name).sources:
        bring(name, RAW / name / CHECKSUMS, RAW / name / UNPACKED)
        print(f"{RAW / name} is complete")
    else:
        print(f"{name} has no original files to fetch")


def download_size(dataset: Dataset) -> str:
    """Bytes of all original files as far as published, readable."""
    sizes = [source.size for source in dataset.sources]
    known = sum(size or 0 for size in sizes)
    return "-" if not sizes else "unknown" if None in sizes else f"{known / 1e6:,.0f} MB"


def licence(dataset: Dataset) -> str:
    """The licence of the original files, or that there are none."""
    return dataset.licence or ("unknown" if dataset.sources else "none needed: painted by insm")


def weights(extractor: str, folder: Path) -> None:
    """Bring the published weights of EXTRACTOR into FOLDER, verified."""
    sources = EXTRACTORS.load(extractor).Extractor.sources
    if not sources:
        raise UserError(f"nobody publishes weights of {extractor} that could be fetched: name a file of your own")
    fetch_sources(sources, folder, {}, Patience())
