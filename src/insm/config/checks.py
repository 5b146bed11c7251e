"""What can be told about a study's task before any of its jobs runs."""

from typing import TYPE_CHECKING

import torch

from insm.config.cost import count_method
from insm.data.dataset import Dataset, Procedural, load_dataset
from insm.data.raw_files import check_source
from insm.evaluation.extractor import parse as parse_features
from insm.networks.method import METHODS, MethodConfig, Task
from insm.support.errors import UserError, located, suggest
from insm.support.runtime import ShapesOnly

if TYPE_CHECKING:
    from insm.config.study import Study, TaskConfig


def check_task(study: "Study", key: str, task: "TaskConfig") -> None:
    """Check one task of a study, found at `key`.

    Raises:
        UserError: what cannot work, its key, and the cure.
    """
    with located(f"key {key}.data.dataset"):
        dataset = load_dataset(task.data.dataset)
    if not dataset.attributes:
        raise UserError(f"key {key}.data.dataset: name the attributes, as in `{dataset.name}:Smiling,Male`")
    check_data(key, task, dataset)
    names = list(study.methods)
    for variant in task.methods:
        if variant not in names:
            near = suggest(variant, names)
            raise UserError(f"key {key}.methods: no method variant {variant!r}: choose from {', '.join(names)}{near}")
        with located(f"key {key}.methods: {variant}"):
            check_method(study.method_config(variant), dataset, task)
    check_evaluation_networks(study, key, task)


def check_data(key: str, task: "TaskConfig", dataset: Dataset) -> None:
    """Whether there are enough images, of the right kind, for every batch that is drawn from them."""
    domains = 2 if task.training.sampling == "balanced" else 1
    for name, batch in {
        "training": task.training.batch,
        "embedding": task.embedding.batch,
        "identity_encoder": task.identity_encoder.batch,
        "classifier": task.classifier.batch,
    }.items():
        if batch > task.data.train:
            raise UserError(
                f"key {key}.{name}.batch: {batch} images a batch, but {key}.data.train is {task.data.train}: "
                "use a smaller batch or more images"
            )
    if task.training.batch % domains:
        raise UserError(
            f"key {key}.training.batch: {task.training.batch} cannot be split over two domains: use an even number"
        )
    for field, value in {"target": "flip", "sampling": "balanced"}.items():
        if getattr(task.training, field) == value and len(dataset.attributes) > 1:
            raise UserError(f"key {key}.training.{field}: {value!r} needs a dataset of one attribute")
    for field in ("train", "validation", "test"):
        if dataset.paired and getattr(task.data, field) % 2:
            raise UserError(f"key {key}.data.{field}: {dataset.name} comes in pairs: use an even number")
    for field in ("test_draw", "test_draws"):
        default = type(task.data).model_fields[field].default
        if not isinstance(dataset, Procedural) and getattr(task.data, field) != default:
            raise UserError(
                f"key {key}.data.{field}: {dataset.name} has one test split: only procedural images have draws"
            )
    for split in ("train", "test", *(["validation"] if task.data.validation else [])):
        check_source(task.data.split(split), f"{key}.data")


def check_method(config: MethodConfig, dataset: Dataset, task: "TaskConfig") -> None:
    """Whether a method can be built for a task's images, and can learn from them."""
    method, n_attr = METHODS.load(config.method).Method, len(dataset.attributes)
    with ShapesOnly(), torch.device("meta"):
        method(config, n_attr, task.data.size)
    config.check(Task(dataset.name, n_attr, dataset.paired, task.training.batch, task.training.sampling))
    try:
        count_method(config, task)
    except (RuntimeError, ValueError, IndexError) as error:
        raise UserError(
            f"a training step fails on images of {task.data.size} px in batches of {task.training.batch} "
            f"({' '.join(str(error).split())}): use larger images, or networks with fewer levels or `downs`"
        ) from None


def check_evaluation_networks(study: "Study", key: str, task: "TaskConfig") -> None:
    """Whether no network that evaluates is the one that INIT trains with."""
    with located("key features"):
        files = parse_features(study.features)[1].files if study.features != "classifier" else ()
    evaluating = {
        f"{key}.identity_encoder.weights": [task.identity_encoder.weights],
        "lpips": [study.lpips],
        "features": files,
    }
    for name, weights in evaluating.items():
        if task.embedding.weights and task.embedding.weights in weights:
            raise UserError(f"key {name}: phi of {key} has these weights too, so INIT trains with them: choose others")
