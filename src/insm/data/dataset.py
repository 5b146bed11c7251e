"""What a dataset is: named attributes, and two splits of images (train, test) that it can make."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from insm.data.download.source import Source
from insm.data.lazy_split import LazySplit
from insm.data.prepared_split import PreparedSplit
from insm.support.errors import UserError
from insm.support.registry import Registry

AttributeGroups = tuple[tuple[str, ...], ...]
SPLITS = ("train", "test")
CHUNK = 2**18  # pixels rendered at once: bounds memory


def pair_columns(attribute: str, count: int) -> pd.DataFrame:
    """Columns of `count` rows in pairs: the attribute (0 in row 2k, 1 in row 2k + 1) and `pair`, the partner's row."""
    rows = np.arange(count)
    return pd.DataFrame({attribute: (rows % 2).astype(np.uint8), "pair": (rows ^ 1).astype(np.int32)})


class Dataset(ABC):
    """One file in `insm/datasets/` holds one subclass; its module name is the name that configs use.

    attributes    the attributes, in label order
    exclusive     groups of attributes of which at most one may be set (hair colours)
    exactly_one   groups of attributes of which every image has exactly one (domains); they are also in `exclusive`
    groups        names of table columns -> the attributes averaged in them (Table 1)
    paired        whether every image has a true partner in the other domain, in the row that its column `pair` names
    paper_table   the paper's table of results on such images, a key of docs/paper/paper_results.yaml
    combinations  sets of attribute values to translate to at once (Figure 1); none: no multi-attribute edits
    sources       the raw files, with mirrors and checksums; none for procedural datasets
    folder        where in data/raw/<name> an archive's images are once unpacked
    licence, homepage, citation   of the raw files
    published     folders of raw images -> how many the published set has in them
    """

    name: ClassVar[str]
    attributes: tuple[str, ...]
    exclusive: AttributeGroups = ()
    exactly_one: AttributeGroups = ()
    groups: dict[str, tuple[str, ...]]
    paired: bool = False
    paper_table: str | None = None
    combinations: tuple[dict[str, int], ...] = ()
    sources: ClassVar[tuple[Source, ...]] = ()
    folder: ClassVar[str] = ""
    licence: ClassVar[str] = ""
    homepage: ClassVar[str] = ""
    citation: ClassVar[str] = ""
    published: ClassVar[dict[str, int]] = {}

    def __init__(self, choice: str = ""):
        if choice:
            raise UserError(f"dataset {self.name} has its own attributes: write `{self.name}` without `:{choice}`")

    @abstractmethod
    def lazy_split(self, split: str, count: int, size: int, seed: int, source: Path | None) -> LazySplit:
        """One split, its images not yet made: `count` images [count, size, size, 3] uint8 and their table.

        Args:
            split: "train" or "test"; the two never share an image.
            seed: fixes every random choice; equal arguments give equal bytes.
            source: folder with raw files, for datasets that are not procedural.
        """

    def build(self, split: str, count: int, size: int, seed: int, source: Path | None = None) -> PreparedSplit:
        """One split in memory; arguments as in `lazy_split`."""
        return self.lazy_split(split, count, size, seed, source).in_memory()

    def count_raw_images(self, source: Path) -> dict[str, int]:
        """How many raw images are in each of the folders that `published` names, missing folders left out."""
        return {}

    def counterfactual(self, table: pd.DataFrame, targets: np.ndarray, size: int) -> np.ndarray | None:
        """The exact images [N, size, size, 3] uint8 of the same rows with attributes `targets` [N, A].

        None where no such truth exists (photographs).
        """
        return None


class Procedural(Dataset):
    """A dataset that owns its renderer: a row of numbers is an image, so counterfactuals are exact."""

    @abstractmethod
    def sample(self, n: int, rng: np.random.Generator) -> pd.DataFrame:
        """Draw n rows: attributes (uint8 columns) and every other parameter `render` needs (float32)."""

    @abstractmethod
    def render(self, table: pd.DataFrame, size: int) -> np.ndarray:
        """Render the rows -> uint8 [len(table), size, size, 3]. A pure function of the row and the size."""

    def lazy_split(
        self, split: str, count: int, size: int, seed: int, source: Path | None = None, draw: int = 0
    ) -> LazySplit:
        """As of any dataset; a `split` may also be "validation", and have several draws that share no image."""
        stream = [seed, (*SPLITS, "validation").index(split), *([draw] if draw else [])]
        table = self.sample(count, np.random.default_rng(stream))
        return LazySplit(table, size, lambda rows: self.render(table.iloc[rows], size), max(1, CHUNK // size**2))

    def counterfactual(self, table: pd.DataFrame, targets: np.ndarray, size: int) -> np.ndarray:
        labels = {name: targets[:, k].astype(np.uint8) for k, name in enumerate(self.attributes)}
        return self.render(table.assign(**labels), size)


DATASETS = Registry("datasets", "dataset")


def load_dataset(name: str) -> Dataset:
    """An instance of the dataset called `name`; what follows a colon is for the dataset itself (`folder:Smiling`)."""
    name, _, choice = name.partition(":")
    return getattr(DATASETS.load(name), name.title().replace("_", ""))(choice)
