"""What each job of a study needs to know, typed and frozen: packs, judges, the budget, a run."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, ValidationError, model_validator

from insm.errors import UserError, located
from insm.methods import METHODS
from insm.methods.base import Method, MethodConfig
from insm.sampler import Sampling
from insm.schema import Section, explain

Layer = Literal["fc7", "fc7_pre_relu", "pool5_gap"]
Device = Literal["auto", "cpu", "cuda"]


class PackConfig(Section):
    """One split of the pictures, as the job that makes it sees it."""

    dataset: str
    """Module in insm/datasets."""
    split: Literal["train", "test"]
    """Which split."""
    count: PositiveInt
    """Pictures."""
    size: PositiveInt
    """Width and height, pixels."""
    seed: NonNegativeInt
    """Seed of everything drawn for the data."""
    source: Path | None = None
    """Folder of original files."""
    skip_broken: bool = False
    """Leave out broken pictures."""


class DataConfig(Section):
    """Which pictures, at what size, how many."""

    dataset: str
    """Module in insm/datasets; `folder:<attribute>,<attribute>` is a folder of your own (docs/extending.md)."""
    size: PositiveInt = Field(multiple_of=16)
    """Width and height, pixels."""
    train: PositiveInt
    """Training pictures."""
    test: PositiveInt
    """Test pictures; no method trains on them."""
    seed: NonNegativeInt = 2020
    """Seed of everything drawn for the data."""
    source: Path | None = None
    """Folder of original files, for datasets that are not procedural; data/raw/<dataset> if not given."""
    skip_broken: bool = False
    """Leave out broken pictures, and their partners, instead of refusing the whole set."""

    def pack(self, split: Literal["train", "test"]) -> PackConfig:
        """Settings of the job that makes one split."""
        count = self.train if split == "train" else self.test
        shared = self.model_dump(include={"dataset", "size", "seed", "source", "skip_broken"})
        return PackConfig(split=split, count=count, **shared)


class EmbeddingConfig(Section):
    """phi, the frozen embedding of Eq. 6."""

    objective: Literal["identity", "attributes", "none"] = "identity"
    """Pretraining: tell pictures apart under augmentation (needs no labels), predict the attribute bits, or
    none: phi stays as it was drawn."""
    widths: tuple[PositiveInt, ...] = (16, 32, 64)
    """Channels of the VGG-style stages."""
    features: PositiveInt = 64
    """Length of the embedding vector."""
    updates: PositiveInt = 400
    """Optimiser updates."""
    batch: PositiveInt = 64
    """Pictures per update."""
    lr: PositiveFloat = 1e-3
    """Peak learning rate of Adam (one-cycle schedule)."""
    weights: Path | None = None
    """Published VGG-16 weights (torchvision layout) to use instead of pretraining."""
    layer: Layer = "fc7"
    """Layer of published weights: fc7 after its ReLU or before, or the spatial mean of pool5."""
    normalise: Literal["imagenet", "vggface"] = "imagenet"
    """Input scaling of published weights."""


class ClassifierConfig(Section):
    """The ResNet-18 that judges edits; it never sees a test picture and no method sees it."""

    updates: PositiveInt = 600
    """Optimiser updates."""
    batch: PositiveInt = 64
    """Pictures per update."""
    lr: PositiveFloat = 2e-3
    """Peak learning rate of Adam (one-cycle schedule)."""


class TrainingConfig(Section):
    """The budget that every method of a task gets."""

    updates: PositiveInt | None = None
    """Steps of the training loop (one batch each), for a method that spends one unit of `budget` per step."""
    epochs: PositiveInt | None = None
    """Instead of `updates`: passes over the training pictures."""
    budget: Literal["images_seen", "fake_images", "generator_updates", "wall_clock"] = "images_seen"
    """What is equal for all methods of a task: training pictures seen (the paper's equal epochs), translated pictures,
    updates of the generator, or the expected time. A method that spends k of these per step gets 1/k of the steps."""
    batch: int = Field(16, ge=2)
    """Pictures per step."""
    jitter: bool = False
    """Enlarge pictures by 286/256 and crop them at random (CycleGAN's augmentation)."""
    flip: bool = False
    """Mirror pictures at random."""
    sampling: Sampling = "epochs"
    """"epochs": every picture once per epoch; "balanced": also as many pictures of each value of the first bit
    (two-domain tasks); "rare": pictures with a rare attribute value more often."""
    target: Literal["perm", "flip"] = "perm"
    """Target labels: the batch's own labels permuted, or every bit flipped (two-domain tasks)."""
    log_every: PositiveInt = 25
    """Steps between rows of the log."""
    checkpoint_every: PositiveInt = 250
    """Steps between checkpoints: at most this much work is lost to a crash."""
    sample_every: PositiveInt = 500
    """Steps between sample grids."""

    @model_validator(mode="after")
    def one_budget(self) -> "TrainingConfig":
        if (self.updates is None) == (self.epochs is None):
            raise ValueError("give exactly one of `updates` and `epochs`")
        return self

    def steps(self, pictures: int, method: type[Method], config: MethodConfig) -> int:
        """Steps of a whole run of a method over that many training pictures."""
        base = self.updates if self.epochs is None else self.epochs * (pictures // self.batch)
        spent = {
            "images_seen": lambda _: 1.0,
            "fake_images": method.fakes_per_step,
            "generator_updates": method.generator_updates_per_step,
            "wall_clock": method.relative_cost,
        }
        return max(1, round(base * config.updates_factor / spent[self.budget](config)))


class RunConfig(Section):
    """Everything one training needs; written to results/<study>/config/ so that a run is reproducible from one file."""

    task: str
    """Name of the task."""
    entry: str
    """Name of the method entry."""
    seed: NonNegativeInt
    """Seed of initialisation, batches and labels."""
    device: Device
    """Where to compute."""
    dataset: str
    """Module in insm/datasets."""
    size: PositiveInt
    """Width and height of the pictures, pixels."""
    training: TrainingConfig
    """Budget."""
    method: dict[str, Any]
    """The method's configuration, every default spelled out."""

    def method_class(self) -> type[Method]:
        """The class that implements the method."""
        return METHODS.load(self.method["method"]).Method

    def method_config(self) -> MethodConfig:
        """The typed configuration of the method."""
        return method_config(self.method, "method")


def method_config(entry: dict[str, Any], key: str) -> MethodConfig:
    """Validate a method's settings, found at `key` of a file.

    Raises:
        UserError: no or an unknown `method`, or a key that its Config refuses.
    """
    if "method" not in entry:
        raise UserError(f"key {key}: names no `method`: choose from {', '.join(METHODS.names())}")
    with located(f"key {key}.method"):
        config = METHODS.load(entry["method"]).Config
    try:
        return config.model_validate(entry)
    except ValidationError as error:
        raise UserError(explain(error, config, f"{key}.")) from None
