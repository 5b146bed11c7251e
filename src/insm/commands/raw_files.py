"""`insm data list`, `info`, `fetch` and `weights`: raw files of datasets, and published weights."""

import textwrap
from pathlib import Path

from tabulate import tabulate

from insm.data.dataset import load_dataset
from insm.data.download.dataset import fetch_dataset
from insm.data.raw_files import CHECKSUMS, RAW, UNPACKED
from insm.reporting.dataset_facts import dataset_facts, dataset_rows


def list() -> None:
    """Every dataset: its attributes, the size of its raw files, their licence."""
    print(tabulate(dataset_rows(), headers=("dataset", "attributes", "download", "fetched", "licence")))


def info(name: str) -> None:
    """All about the dataset NAME: attributes, files, mirrors, checksums, licence, citation."""
    for heading, text in dataset_facts(name):
        begin = "\n" if heading == "file" else ""
        print(begin + textwrap.fill(f"{heading:<12}{text}", 120, subsequent_indent=" " * 12, break_long_words=False))


def fetch(name: str) -> None:
    """Bring the raw files of the dataset NAME into data/raw/NAME, verified, and unpack them."""
    if load_dataset(name).sources:
        fetch_dataset(name, RAW / name / CHECKSUMS, RAW / name / UNPACKED)
        print(f"{RAW / name} is complete")
    else:
        print(f"{name} has no raw files to fetch")


def weights(extractor: str, folder: Path) -> None:
    """Bring the published weights of EXTRACTOR into FOLDER, verified."""
    from insm.evaluation.published_weights import fetch_weights  # only here: it loads torch

    fetch_weights(extractor, folder)
