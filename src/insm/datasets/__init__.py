"""Datasets: the folder is the registry. `insm/datasets/<name>.py` defines one subclass of `Dataset`."""

from insm.datasets.base import Dataset
from insm.registry import Registry

DATASETS = Registry(
    "datasets", "dataset", skip=("base", "canvas", "edges", "faces", "layouts", "parquet", "photographs", "shoe")
)


def load_dataset(name: str) -> Dataset:
    """An instance of the dataset called `name`; what follows a colon is for the dataset itself (`folder:Smiling`)."""
    name, _, choice = name.partition(":")
    return getattr(DATASETS.load(name), name.title().replace("_", ""))(choice)
