"""A study: which datasets, methods, seeds and budgets. Parsed from config/<study>.yaml, typed and frozen."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import torch
from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, ValidationError, model_validator

from insm.datasets import Dataset, load_dataset
from insm.errors import UserError, suggest
from insm.methods import METHODS
from insm.methods.base import Method, MethodConfig, Task
from insm.runtime import ShapesOnly
from insm.sampler import Sampling
from insm.schema import Section, explain, parse

Layer = Literal["fc7", "fc7_pre_relu", "pool5_gap"]
Metric = Literal["accuracy", "preservation", "frechet", "content"]
Device = Literal["auto", "cpu", "cuda"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]  # part of a path


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

    objective: Literal["identity", "attributes"] = "identity"
    """Pretraining: tell pictures apart under augmentation (needs no labels), or predict the attribute bits."""
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


class TaskConfig(Section):
    """One translation task: its data, the networks that judge it, its budget, the methods to compare."""

    data: DataConfig
    """Pictures."""
    embedding: EmbeddingConfig = EmbeddingConfig()
    """phi."""
    classifier: ClassifierConfig = ClassifierConfig()
    """Attribute classifier."""
    training: TrainingConfig
    """Budget."""
    methods: tuple[str, ...] = Field(min_length=1)
    """Names from the study's `methods`."""


class Study(Section):
    """A whole study. Results go to results/<name>/."""

    name: Name
    """Folder name of its results: lower-case letters, digits, dashes."""
    seeds: tuple[NonNegativeInt, ...] = Field(min_length=1)
    """Every training is run once per seed."""
    device: Device = "auto"
    """"auto" uses CUDA where torch sees it."""
    tasks: dict[Name, TaskConfig] = Field(min_length=1)
    """Tasks by name."""
    methods: dict[Name, dict[str, Any]] = Field(min_length=1)
    """Configurations by name: `method` names the module, the rest is its Config. An ablation is an entry."""
    metrics: tuple[Metric, ...] = ("accuracy", "preservation", "frechet", "content")
    """What is measured; "content" needs exact counterfactuals or pairs, "preservation" more than one attribute."""
    features: Literal["classifier"] | Path = "classifier"
    """Features of the Frechet distances: the study's classifier's, or a TorchScript file (such as Inception's)."""
    notebooks: tuple[str, ...] = ()
    """Notebooks of notebooks/ to execute over the results."""

    @model_validator(mode="after")
    def check_names(self) -> "Study":
        for name, task in self.tasks.items():
            self._check_task(f"tasks.{name}", task)
        for group, names in (
            ("seeds", self.seeds),
            *((f"tasks.{k}.methods", t.methods) for k, t in self.tasks.items()),
        ):
            if len(set(names)) < len(names):
                raise UserError(f"key {group}: an entry occurs twice: {', '.join(map(str, names))}")
        for name in self.methods:
            self.method_config(name)
        return self

    def _check_task(self, key: str, task: TaskConfig) -> None:
        """What can be told about a task before any job runs."""
        dataset, known = _prefixed(f"key {key}.data.dataset", load_dataset, task.data.dataset), list(self.methods)
        if not dataset.attributes:
            raise UserError(f"key {key}.data.dataset: name the attributes, as in `{dataset.name}:Smiling,Male`")
        for entry in task.methods:
            if entry not in known:
                near = suggest(entry, known)
                raise UserError(f"key {key}.methods: no method entry {entry!r}: choose from {', '.join(known)}{near}")
            config = self.method_config(entry)
            _prefixed(f"key {key}.methods: {entry}", lambda config: _check_method(config, dataset, task), config)
        two_domains = {"target": "flip", "sampling": "balanced"}
        for field, value in two_domains.items():
            if getattr(task.training, field) == value and len(dataset.attributes) > 1:
                raise UserError(f"key {key}.training.{field}: {value!r} needs a dataset of one attribute")
        for field in ("train", "test"):
            if dataset.paired and getattr(task.data, field) % 2:
                raise UserError(f"key {key}.data.{field}: {dataset.name} comes in pairs: use an even number")

    def method_config(self, name: str) -> MethodConfig:
        """The validated configuration of one entry of `methods`."""
        return method_config(self.methods[name], f"methods.{name}")


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
    config = _prefixed(f"key {key}.method", METHODS.load, entry["method"]).Config
    try:
        return config.model_validate(entry)
    except ValidationError as error:
        raise UserError(explain(error, config, f"{key}.")) from None


def _check_method(config: MethodConfig, dataset: Dataset, task: TaskConfig) -> None:
    """Whether a method can be built for a task's pictures, and can learn from them.

    Raises:
        UserError: it cannot.
    """
    method, n_attr = METHODS.load(config.method).Method, len(dataset.attributes)
    with ShapesOnly(), torch.device("meta"):
        method(config, n_attr, task.data.size)
    method.check(config, Task(dataset.name, n_attr, dataset.paired, task.training.batch, task.training.sampling))


def load_study(path: Path) -> Study:
    """Parse and check a study file.

    Raises:
        UserError: one line that names file, key, allowed values and the nearest match.
    """
    import yaml  # only here: training a run needs no YAML

    try:
        content = yaml.safe_load(path.read_text())
    except FileNotFoundError:
        near = sorted(str(p) for p in path.parent.glob("*.yaml"))
        raise UserError(f"{path} is missing{suggest(str(path), near)}") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from None
    return parse(Study, content, path)


def _prefixed(key: str, load: Callable[[str], Any], name: str) -> Any:
    """load(name), with `key` put before the message of a UserError."""
    try:
        return load(name)
    except UserError as error:
        raise UserError(f"{key}: {error}") from None
