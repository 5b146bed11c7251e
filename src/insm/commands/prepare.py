"""`insm fetch` and `insm prepare`: original files, and the packs made of them."""

from hashlib import sha256
from pathlib import Path

from insm import pack
from insm.config import DataConfig
from insm.datasets import load_dataset
from insm.datasets.base import SPLITS
from insm.errors import UserError
from insm.files import read_json, write_json
from insm.schema import parse

RAW = Path("data/raw")


def fetch(dataset: str, output: Path) -> None:
    """Bring the original files of DATASET into the folder of OUTPUT, a record of their SHA-256 (.json)."""
    source = load_dataset(dataset)
    source.fetch(output.parent)
    write_json(output, {name: sha256((output.parent / name).read_bytes()).hexdigest() for name in source.files})


def prepare(config: Path, split: str, images: Path, table: Path) -> None:
    """Make one split ("train" or "test") of the dataset that CONFIG describes: IMAGES (.npy) and TABLE (.parquet)."""
    if split not in SPLITS:
        raise UserError(f"no split {split!r}: choose from {', '.join(SPLITS)}")
    data: DataConfig = parse(DataConfig, read_json(config), config)
    count = data.train if split == "train" else data.test
    source = data.source or RAW / data.dataset
    pack.save(load_dataset(data.dataset).build(split, count, data.size, data.seed, source), images, table)
