"""`insm prepare`: the packs of a study."""

from pathlib import Path

from insm import pack
from insm.config import PackConfig
from insm.datasets import load_dataset
from insm.files import read_json
from insm.schema import parse

RAW = Path("data/raw")


def prepare(config: Path, images: Path, table: Path) -> None:
    """Make the split of a dataset that CONFIG describes: IMAGES (.npy) and TABLE (.parquet)."""
    want: PackConfig = parse(PackConfig, read_json(config), config)
    dataset = load_dataset(want.dataset)
    source = want.source or RAW / want.dataset / dataset.folder
    made = dataset.build(want.split, want.count, want.size, want.seed, source)
    pack.save(made, images, table)
