"""What trainings need to know, typed and frozen: the budget, a run, and how it is run."""

from typing import Any, Literal

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from insm.data.settings import Sampling
from insm.networks.method import METHODS, Method, MethodConfig, method_config
from insm.support.schema import Section

Device = Literal["auto", "cpu", "cuda"]


class BudgetConfig(Section):
    """The budget that every method of a task gets."""

    updates: PositiveInt | None = None
    """Steps of the training loop (one batch each), for a method that spends one unit of `budget` per step."""
    epochs: PositiveInt | None = None
    """Instead of `updates`: passes over the training images."""
    budget: Literal["images_seen", "fake_images", "generator_updates", "wall_clock"] = "images_seen"
    """What is equal for all methods of a task: training images seen (the paper's equal epochs), translated images,
    updates of the generator, or the expected time. A method that spends k of these per step gets 1/k of the steps."""
    batch: int = Field(16, ge=2)
    """Images per step."""
    jitter: bool = False
    """Enlarge images by 286/256 and crop them at random (CycleGAN's augmentation)."""
    flip: bool = False
    """Mirror images at random."""
    sampling: Sampling = "epochs"
    """"epochs": every image once per epoch; "balanced": also as many images of each value of the first attribute
    (two-domain tasks); "rare": images with a rare attribute value more often."""
    precision: Literal["fp32", "bf16"] = "fp32"
    """Arithmetic of the networks; "bf16" is torch's automatic mixed precision."""
    tf32: bool = False
    """Let a GPU round the factors of fp32 products to 10 bits. Not yet measured."""
    channels_last: bool = False
    """Keep feature maps with their channels together in memory. No gain on a CPU; not yet measured on a GPU."""
    compile: bool = False
    """Compile the translating networks with torch.compile, which needs a C++ compiler. Not yet measured."""
    cuda_graphs: bool = False
    """Record each kind of step on a GPU once, then replay it with one launch. Not yet measured."""
    target: Literal["perm", "flip"] = "perm"
    """Target labels: the batch's own labels permuted, or every attribute flipped (two-domain tasks)."""

    @model_validator(mode="after")
    def one_budget(self) -> "BudgetConfig":
        if (self.updates is None) == (self.epochs is None):
            raise ValueError("give exactly one of `updates` and `epochs`")
        return self

    def steps(self, images: int, config: MethodConfig) -> int:
        """Steps of a whole run of a method over that many training images."""
        if self.epochs is not None:
            base = self.epochs * (images // self.batch)
        else:
            assert self.updates is not None  # `one_budget`
            base = self.updates
        match self.budget:
            case "images_seen":
                spent = 1.0
            case "fake_images":
                spent = config.fakes_per_step
            case "generator_updates":
                spent = config.generator_updates_per_step
            case "wall_clock":
                spent = config.relative_cost
        return max(1, round(base * config.updates_factor / spent))


class WatchConfig(Section):
    """How often a training tells and keeps something: no weights depend on it."""

    log_every: PositiveInt = 25
    """Steps between rows of the log."""
    checkpoint_every: PositiveInt = 250
    """Steps between checkpoints. One that takes seconds is left out while it would cost more than 2 % of the time."""
    sample_every: PositiveInt = 500
    """Steps between sample grids."""
    dvclive: bool = False
    """Also write the curves for DVCLive, beside TensorBoard's (needs the extra `dvclive`)."""
    snapshots: NonNegativeInt = 0
    """Points of a training at which its translator is kept for learning curves; 0: none."""


class TrainingConfig(BudgetConfig, WatchConfig):
    """A task's budget, and how its trainings are watched."""

    gpus: PositiveInt = 1
    """GPUs that one training uses; they divide the batch, and change its weights by rounding alone."""

    def budget_config(self) -> BudgetConfig:
        """Only the keys that a run's weights depend on."""
        return BudgetConfig(**self.model_dump(include=set(BudgetConfig.model_fields)))


class RuntimeConfig(WatchConfig):
    """How a run is computed and watched. No weights depend on it, so a change of it trains nothing again."""

    device: Device = "auto"
    """Where to compute; "auto" uses CUDA where torch sees it."""
    change_device: bool = False
    """Continue an unfinished run on another kind of device than it began on."""


class RunConfig(Section):
    """Everything that one training's weights depend on, beside its data and phi: the run is reproducible from it."""

    task: str
    """Name of the task."""
    variant: str
    """Name of the method variant."""
    seed: NonNegativeInt
    """Seed of initialisation, batches and labels."""
    dataset: str
    """Module in insm/datasets."""
    size: PositiveInt
    """Width and height of the images, pixels."""
    training: BudgetConfig
    """Budget."""
    method: dict[str, Any]
    """The method's configuration, every default spelled out."""

    def method_class(self) -> type[Method]:
        """The class that implements the method."""
        return METHODS.load(self.method["method"]).Method

    def method_config(self) -> MethodConfig:
        """The typed configuration of the method."""
        return method_config(self.method, "method")
