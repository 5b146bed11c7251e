"""`insm fetch` and `insm prepare`: original files, and the packs made of them."""

from hashlib import sha256
from pathlib import Path

from insm import pack
from insm.config import PackConfig
from insm.datasets import load_dataset
from insm.files import read_json, write_json
from insm.schema import parse

RAW = Path("data/raw")


def fetch(dataset: str, output: Path) -> None:
    """Bring the original files of DATASET into the folder of OUTPUT, a record of their SHA-256 (.json)."""
    source = load_dataset(dataset)
    source.fetch(output.parent)
    write_json(output, {name: sha256((output.parent / name).read_bytes()).hexdigest() for name in source.files})


def prepare(config: Path, images: Path, table: Path) -> None:
    """Make the split of a dataset that CONFIG describes: IMAGES (.npy) and TABLE (.parquet)."""
    want: PackConfig = parse(PackConfig, read_json(config), config)
    source = want.source or RAW / want.dataset
    made = load_dataset(want.dataset).build(want.split, want.count, want.size, want.seed, source)
    pack.save(made, images, table)
