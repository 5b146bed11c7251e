"""A study: datasets, methods, seeds and budgets. Parsed from config/<study>.yaml and checked before any job."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, NonNegativeInt, PositiveInt, ValidationError, model_validator

from insm.config.checks import check_task
from insm.config.inheritance import resolved_methods
from insm.config.jobs import Device, TrainingConfig
from insm.config.notebooks import Shown, check_labels, check_notebooks
from insm.data.dataset import load_dataset
from insm.data.settings import DataConfig
from insm.evaluation.settings import EvaluationConfig
from insm.networks.classifier import ClassifierConfig
from insm.networks.embedding import EmbeddingConfig
from insm.networks.method import MethodConfig, method_config
from insm.support.errors import UserError
from insm.support.files import read_yaml
from insm.support.schema import Section, explain, parse

Metric = Literal[
    "accuracy", "preservation", "frechet", "kernel", "content", "identity", "possible", "achieved", "axioms"
]
TEST_TIME = ("test_intensity",)  # keys of methods that no training depends on
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]  # part of a path


class TaskConfig(Section):
    """One translation task: its data, the networks that judge it, its budget, the methods to compare."""

    data: DataConfig
    """Images."""
    embedding: EmbeddingConfig = EmbeddingConfig()
    """phi."""
    identity_encoder: EmbeddingConfig = EmbeddingConfig()
    """Embedding of the metric `identity`; no method trains with it."""
    classifier: ClassifierConfig = ClassifierConfig()
    """Attribute classifier."""
    training: TrainingConfig
    """Budget."""
    methods: tuple[str, ...] = Field(min_length=1)
    """Names from the study's `methods`."""
    seeds: PositiveInt | None = None
    """Only the first so many of the study's seeds."""


class Naming(Section):
    """Keys of a method variant that no training depends on."""

    label: str = Field(min_length=1)
    """What tables and figures call it."""
    paper_row: Literal["a", "b", "c", "d", "e"] | None = None
    """Its row in the paper's Table 3."""
    seeds: PositiveInt | None = None
    """Only the first so many of the task's seeds."""
    block: PositiveInt = 1
    """Trainings of a lower block are run first; within one, lower seeds."""
    trained_as: str | None = None
    """Variant whose trainings these are, translating with other values of `TEST_TIME`: nothing is trained."""


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
    methods_from: Path | None = None
    """File of method variants that studies share, such as config/methods/embedded.yaml."""
    methods: dict[Name, dict[str, Any]] = Field(min_length=1)
    """Variants by name: `method` names the module, `label` and `paper_row` are for tables and figures, `extends` names
    another variant whose settings it starts from, and the rest is the method's Config. An ablation is a variant."""
    metrics: tuple[Metric, ...] = ("accuracy", "preservation", "frechet", "content", "identity")
    """What is measured: "content" and "achieved" need exact counterfactuals or pairs, "preservation" more than one
    attribute; "frechet" and "kernel" are distances between sets of images: FID and KID, on Inception's features only;
    "possible" is the accuracy of edits whose target label the training images allow; "axioms" are composition,
    reversibility and minimality."""
    evaluation: EvaluationConfig = EvaluationConfig()
    """Who measures, on which images, and what is kept."""
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
            check_task(self, f"tasks.{name}", task)
        for group, names in (
            ("seeds", self.seeds),
            *((f"tasks.{k}.methods", t.methods) for k, t in self.tasks.items()),
        ):
            if len(set(names)) < len(names):
                kind = "seed" if group == "seeds" else "variant"
                raise UserError(f"key {group}: a {kind} occurs twice: {', '.join(map(str, names))}")
        for name in self.methods:
            self.method_config(name)
            self.naming(name)
        shown = []
        for name, task in self.tasks.items():
            named = {variant: self.naming(variant) for variant in task.methods}
            check_labels(f"tasks.{name}", {variant: naming.label for variant, naming in named.items()})
            check_reuse(self, name, {variant: naming.trained_as for variant, naming in named.items()})
            rows = any(naming.paper_row for naming in named.values())
            shown.append(Shown(load_dataset(task.data.dataset), rows))
        check_notebooks(self.notebooks, shown)
        return self

    def seeds_of(self, task: str, variant: str) -> tuple[int, ...]:
        """The seeds of a variant in a task."""
        return self.seeds[: self.tasks[task].seeds][: self.naming(variant).seeds]

    def method_config(self, name: str) -> MethodConfig:
        """The validated configuration of one variant of `methods`."""
        settings = {key: value for key, value in self.methods[name].items() if key not in Naming.model_fields}
        return method_config(settings, f"methods.{name}")

    def naming(self, name: str) -> "Naming":
        """What tables and figures call a variant; where no label is given, its name."""
        given = {key: value for key, value in self.methods[name].items() if key in Naming.model_fields}
        try:
            return Naming.model_validate({"label": name} | given)
        except ValidationError as error:
            raise UserError(explain(error, Naming, f"methods.{name}.")) from None


def check_reuse(study: Study, task: str, trained_as: dict[str, str | None]) -> None:
    """Check that every variant that is trained as another one of the task would have just its trainings.

    Raises:
        UserError: it would not; its key and the cure.
    """
    for variant, other in trained_as.items():
        key = f"key methods.{variant}.trained_as: {other}"
        if other is None:
            continue
        if other not in trained_as or trained_as[other]:
            raise UserError(f"{key} is no variant of tasks.{task}.methods that is trained itself")
        settings = [study.method_config(name).model_dump(exclude=set(TEST_TIME)) for name in (variant, other)]
        if settings[0] != settings[1]:
            names = ", ".join(sorted(name for name in settings[0] if settings[0][name] != settings[1].get(name)))
            raise UserError(f"{key} is trained with other values of {names}: only {', '.join(TEST_TIME)} may differ")
        if not set(study.seeds_of(task, variant)) <= set(study.seeds_of(task, other)):
            raise UserError(f"{key} has fewer seeds in tasks.{task}: give {variant} no more")


def load_study(path: Path) -> Study:
    """Parse and check a study file, with the method variants of the file that `methods_from` names.

    Raises:
        UserError: one line that names file, key, allowed values and the nearest match.
    """
    content = read_yaml(path)
    if isinstance(content, dict):
        try:
            content = content | {"methods": resolved_methods(content.get("methods_from"), content.get("methods", {}))}
        except UserError as error:
            raise UserError(f"{path}: {error}") from None
    return parse(Study, content, path)
