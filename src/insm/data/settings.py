"""Which images a task has: settings of its data and of the job that prepares one split."""

from pathlib import Path
from typing import Literal

from pydantic import Field, NonNegativeInt, PositiveInt, field_validator

from insm.data.dataset import Procedural, load_dataset
from insm.support.schema import Section

Sampling = Literal["epochs", "balanced", "rare"]
Split = Literal["train", "validation", "test"]


class SplitConfig(Section):
    """One split of the images, as the job that makes it sees it."""

    dataset: str
    """Module in insm/datasets."""
    split: Split
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
    draw: NonNegativeInt = 0
    """Which draw of procedural images; 0 is the first."""
    reserve: NonNegativeInt = 0
    """Validation images that are taken from the training images of a dataset of photographs: its last ones. Then
    `split` "train" is the images before them."""
    train: NonNegativeInt = 0
    """Training images before those of the `split` "validation"."""


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
    validation: NonNegativeInt = 0
    """Validation images, on which choices are tuned: of their own draw where images are procedural; elsewhere the
    dataset's next training images, so that `train` and `validation` together are at most all that there are."""
    test_draw: NonNegativeInt = 0
    """Which draw of procedural test images; 0 is the one that studies share. A new one has not been looked at."""
    test_draws: PositiveInt = 1
    """So many independent test splits, each a draw of its own, from `test_draw` on; procedural images only."""
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

    @property
    def test_splits(self) -> list[str]:
        """Names of the test splits: "test", then "test-2" and so on."""
        return ["test", *(f"test-{k + 1}" for k in range(1, self.test_draws))]

    @property
    def splits(self) -> list[str]:
        """Names of all splits."""
        return ["train", *(["validation"] if self.validation else []), *self.test_splits]

    def split(self, name: str) -> SplitConfig:
        """Settings of the job that makes one split: "train", "validation" or one of `test_splits`."""
        shared = self.model_dump(include={"dataset", "size", "seed", "source", "skip_unreadable"})
        kind, _, number = name.partition("-")
        if kind == "test":
            draw = self.test_draw + int(number or 1) - 1
            return SplitConfig(split="test", count=self.test, draw=draw, **shared)
        if kind == "validation":
            return SplitConfig(split="validation", count=self.validation, train=self.train, **shared)
        procedural = isinstance(load_dataset(self.dataset), Procedural)
        reserve = 0 if procedural else self.validation
        return SplitConfig(split="train", count=self.train, reserve=reserve, **shared)
