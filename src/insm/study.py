"""A study: datasets, methods, seeds and budgets. Parsed from config/<study>.yaml and checked before any job."""

from pathlib import Path
from typing import Annotated, Any, Literal

import torch
from pydantic import Field, NonNegativeInt, model_validator

from insm.config import ClassifierConfig, DataConfig, Device, EmbeddingConfig, TrainingConfig, method_config
from insm.datasets import Dataset, load_dataset
from insm.errors import UserError, located, suggest
from insm.extractors import parse as parse_features
from insm.methods import METHODS
from insm.methods.base import MethodConfig, Task
from insm.runtime import ShapesOnly
from insm.schema import Section, parse

Metric = Literal["accuracy", "preservation", "frechet", "kernel", "content", "identity"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]  # part of a path


class TaskConfig(Section):
    """One translation task: its data, the networks that judge it, its budget, the methods to compare."""

    data: DataConfig
    """Pictures."""
    embedding: EmbeddingConfig = EmbeddingConfig()
    """phi."""
    recogniser: EmbeddingConfig = EmbeddingConfig()
    """Embedding of the metric `identity`; no method trains with it."""
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
    metrics: tuple[Metric, ...] = ("accuracy", "preservation", "frechet", "content", "identity")
    """What is measured: "content" needs exact counterfactuals or pairs, "preservation" more than one attribute;
    "frechet" and "kernel" are distances between sets of pictures: FID and KID, on Inception's features only."""
    lpips: Path | None = None
    """torchvision's AlexNet or VGG-16 weights: the metric "content" also has LPIPS."""
    features: str = "classifier"
    """Features of those distances: the study's classifier's, those of a module in insm/extractors (`inception:clean`),
    or those of a TorchScript file."""
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
        known = list(self.methods)
        with located(f"key {key}.data.dataset"):
            dataset = load_dataset(task.data.dataset)
        if not dataset.attributes:
            raise UserError(f"key {key}.data.dataset: name the attributes, as in `{dataset.name}:Smiling,Male`")
        for entry in task.methods:
            if entry not in known:
                near = suggest(entry, known)
                raise UserError(f"key {key}.methods: no method entry {entry!r}: choose from {', '.join(known)}{near}")
            config = self.method_config(entry)
            with located(f"key {key}.methods: {entry}"):
                check_method(config, dataset, task)
        with located("key features"):
            files = parse_features(self.features)[1].files if self.features != "classifier" else ()
        judges = {f"{key}.recogniser.weights": [task.recogniser.weights], "lpips": [self.lpips], "features": files}
        for name, weights in judges.items():
            if task.embedding.weights and task.embedding.weights in weights:
                raise UserError(
                    f"key {name}: phi of {key} has these weights too, so INIT trains with them: choose others"
                )
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


def check_method(config: MethodConfig, dataset: Dataset, task: TaskConfig) -> None:
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
