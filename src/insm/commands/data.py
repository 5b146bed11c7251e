"""`insm fetch` and `insm data`: the original files of datasets."""

import textwrap
from pathlib import Path

import typer
from tabulate import tabulate

from insm.archives import unpack
from insm.datasets import DATASETS, Dataset, load_dataset
from insm.downloading import Patience
from insm.fetching import fetch as fetch_sources
from insm.files import read_json, write_json

RAW = Path("data/raw")
CHECKSUMS, UNPACKED = "checksums.json", "unpacked.json"

data = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def fetch(dataset: str, checksums: Path, unpacked: Path) -> None:
    """Bring the files of DATASET beside CHECKSUMS (.json), their record, and unpack archives: UNPACKED (.json)."""
    sources, folder = load_dataset(dataset).sources, checksums.parent
    known = read_json(checksums) if checksums.exists() else {}
    records = fetch_sources(sources, folder, {k: r for k, r in known.items() if isinstance(r, dict)}, Patience())
    write_json(checksums, records)
    archives = [source for source in sources if source.folder]
    write_json(unpacked, {s.folder: unpack(folder / s.name, s, records[s.name]["sha256"]) for s in archives})


@data.callback()
def group() -> None:
    """The original files of datasets: what there is, where it comes from, bring it."""


@data.command("list")
def show_all() -> None:
    """Every dataset: its attributes, the size of its original files, their licence."""
    rows = []
    for name in DATASETS.names():
        dataset = load_dataset(name)
        here = "yes" if (RAW / name / UNPACKED).exists() else "no"
        rows.append(
            (name, len(dataset.attributes), download_size(dataset), here if dataset.sources else "-", licence(dataset))
        )
    print(tabulate(rows, headers=("dataset", "attributes", "download", "fetched", "licence")))


@data.command("info")
def show(name: str) -> None:
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


@data.command("fetch")
def bring(name: str) -> None:
    """Bring the original files of the dataset NAME into data/raw/NAME, verified, and unpack them."""
    if load_dataset(name).sources:
        fetch(name, RAW / name / CHECKSUMS, RAW / name / UNPACKED)
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
