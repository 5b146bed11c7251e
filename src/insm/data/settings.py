"""Which images a task has: settings of its data and of the job that prepares one split."""

from pathlib import Path
from typing import Literal

from pydantic import Field, NonNegativeInt, PositiveInt, field_validator

from insm.support.schema import Section

Sampling = Literal["epochs", "balanced", "rare"]


class SplitConfig(Section):
    """One split of the images, as the job that makes it sees it."""

    dataset: str
    """Module in insm/datasets."""
    split: Literal["train", "test"]
    """Which split."""
    count: PositiveInt
    """Images."""
    size: PositiveInt
    """Width and height, pixels."""
    seed: NonNegativeInt
    """Seed of everything drawn for the data."""
    source: Path | None = None
    """Folder of raw files."""
    skip_unreadable: bool = False
    """Leave out unreadable images."""


class DataConfig(Section):
    """Which images, at what size, how many."""

    dataset: str
    """Module in insm/datasets; `folder:<attribute>,<attribute>` is a folder of your own (docs/datasets.md)."""
    size: PositiveInt = Field(multiple_of=16)
    """Width and height, pixels."""
    train: PositiveInt
    """Training images."""
    test: PositiveInt
    """Test images; no method trains on them."""
    seed: NonNegativeInt = 2020
    """Seed of everything drawn for the data."""
    source: Path | None = None
    """Folder of raw files, for datasets that are not procedural; data/raw/<dataset> if not given."""
    skip_unreadable: bool = False
    """Leave out unreadable images, and their partners, instead of refusing the whole set."""

    @field_validator("source")
    @classmethod
    def expand_home(cls, source: Path | None) -> Path | None:
        """`~/images` is below the home folder, as in a shell."""
        return source and source.expanduser()

    def split(self, split: Literal["train", "test"]) -> SplitConfig:
        """Settings of the job that makes one split."""
        count = self.train if split == "train" else self.test
        shared = self.model_dump(include={"dataset", "size", "seed", "source", "skip_unreadable"})
        return SplitConfig(split=split, count=count, **shared)
