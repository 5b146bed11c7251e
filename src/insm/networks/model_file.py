"""A trained model as two files: weights (`model.safetensors`) and what they are (`model.json`). Neither can hold code.

A model can therefore be opened whoever made it. Its method is looked up among the methods of this package by name.
"""

import re
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, TypeVar

import safetensors.torch
import torch
from pydantic import Field, model_validator
from safetensors import SafetensorError
from torch import Tensor, nn

from insm.networks.embedding import EmbeddingConfig
from insm.networks.method import METHODS, Method, method_config
from insm.support.errors import UserError, located
from insm.support.files import atomic, read_json, write_json
from insm.support.records import opened
from insm.support.runtime import ShapesOnly
from insm.support.schema import Section, parse

FORMAT: Literal[1] = 1
WIDEST = 4096  # pixels of an image
LARGEST = 2**30  # numbers in all networks of a method; the largest published one has a fifth of them
WEIGHTS = "model.safetensors"
INFO = "model.json"
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")  # what could steer a terminal

Network = TypeVar("Network", bound=nn.Module)


class PredictorInfo(Section):
    """The attribute classifier beside a model, `classifier.safetensors`."""

    sha256: str
    """Of its file."""
    config: EmbeddingConfig | None = None
    """Settings of the small VGG; None: the evaluation's ResNet-18."""
    accuracy: dict[str, float] = {}
    """Fraction of the task's test images whose attribute it predicts rightly, by attribute."""
    distance_99: float | None = None
    """99th percentile, over the training images, of the Mahalanobis distance of their features to their mean."""


class Metric(Section):
    """A number of the study's evaluation."""

    metric: str
    """Name in the study's tables."""
    scope: str
    """An attribute, a group of attributes, a domain, or the mean over attributes."""
    value: float
    """Estimate."""
    low: float | None = None
    """Lower end of the 95 % interval over test images."""
    high: float | None = None
    """Upper end."""


class ModelInfo(Section):
    """What `model.json` holds."""

    format: Literal[1] = FORMAT
    """Version of this layout."""
    study: str
    """Name of the study; empty for a training outside of one."""
    dataset: str
    """Training data, as studies name it."""
    attributes: tuple[str, ...] = Field(min_length=1)
    """Attributes, in label order."""
    exclusive: tuple[tuple[str, ...], ...] = ()
    """Groups of attributes of which at most one is 1."""
    exactly_one: tuple[tuple[str, ...], ...] = ()
    """Those of these groups of which exactly one is 1 (domains)."""
    size: int = Field(gt=0, le=WIDEST)
    """Width and height of the images, pixels."""
    run: dict[str, Any]
    """The whole settings of the training (`RunConfig`): task, variant, seed, budget, method."""
    inputs: dict[str, str] = {}
    """SHA-256 of what the training read: its prepared split and phi."""
    sha256: str = ""
    """Of `model.safetensors`."""
    commit: str = ""
    """Commit of the checkout that exported the model; empty if it was not exported from one."""
    licence: str = ""
    """Of the training data."""
    metrics: tuple[Metric, ...] = ()
    """Evaluation on the task's test images, where known."""
    predictor: PredictorInfo | None = None
    """The attribute classifier beside the model, if there is one."""

    @model_validator(mode="after")
    def consistent(self) -> "ModelInfo":
        """Refuse what only a file that was edited by hand holds."""
        if len(set(self.attributes)) < len(self.attributes):
            raise ValueError("key attributes: an attribute stands twice")
        for name in {name for group in (*self.exclusive, *self.exactly_one) for name in group}:
            if name not in self.attributes:
                raise ValueError(f"keys exclusive and exactly_one: {name!r} is none of the attributes")
        if not isinstance(self.run.get("method"), dict) or not isinstance(self.run["method"].get("method"), str):
            raise ValueError("key run.method is missing, or names no method")
        if any(CONTROL.search(text) for text in texts_of(self.model_dump(mode="json"))):
            raise ValueError("a text holds control characters")
        return self


def texts_of(content: Any) -> Iterator[str]:
    """All texts in nested plain values, keys too."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for pair in content.items():
            yield from texts_of(pair)
    elif isinstance(content, list | tuple):
        for item in content:
            yield from texts_of(item)


def files_of(path: Path) -> tuple[Path, Path]:
    """The weights and the JSON of a model, named by its folder or either file; both are in one folder.

    Raises:
        UserError: there is no such model, or the name is of another kind of file.
    """
    if not path.is_dir() and path.suffix not in (".safetensors", ".json"):
        raise UserError(f"{path} is no model: a model is a folder with {WEIGHTS} and {INFO}")
    weights = path / WEIGHTS if path.is_dir() else path.with_suffix(".safetensors")
    info = weights.with_suffix(".json")
    for file in (weights, info):
        if not file.is_file():
            raise UserError(f"{file} is missing: name a folder that holds {WEIGHTS} and {INFO}")
    return weights, info


def save(weights: dict[str, Tensor], info: ModelInfo, path: Path) -> ModelInfo:
    """Write the weights to `path` (.safetensors) and the JSON beside it; equal content gives equal bytes.

    Returns:
        `info` with the hash of the weights.
    """
    complete = info.model_copy(update={"sha256": save_tensors(weights, path)})
    write_json(path.with_suffix(".json"), complete.model_dump(mode="json"))
    return complete


def save_tensors(tensors: dict[str, Tensor], path: Path) -> str:
    """Write tensors as a safetensors file -> its SHA-256."""
    data = safetensors.torch.save({name: value.detach().cpu().contiguous() for name, value in tensors.items()})
    with atomic(path) as part:
        part.write_bytes(data)
    return sha256(data).hexdigest()


def read_info(path: Path) -> ModelInfo:
    """Read `model.json`.

    Raises:
        UserError: it is missing, no JSON, or another kind of JSON.
    """
    file = files_of(path)[1]
    content = read_json(file)
    if isinstance(content, dict) and isinstance(content.get("format"), int) and content["format"] > FORMAT:
        raise UserError(f"{file} has format {content['format']}, this insm reads up to {FORMAT}: update insm")
    return parse(ModelInfo, content, file)


def read_tensors(file: Path, expected: str, record: Path) -> dict[str, Tensor]:
    """Tensors of a safetensors file whose SHA-256 is `expected` by the file `record`.

    Raises:
        UserError: it is missing, damaged, or has other bytes.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror}): name a whole model") from None
    if sha256(data).hexdigest() != expected:
        raise UserError(f"{file} has other bytes than {record} says: get both files again from where they came from")
    opened(file, expected)
    try:
        return safetensors.torch.load(data)
    except SafetensorError as error:
        reason = " ".join(str(error).split())
        raise UserError(
            f"{file} is no whole safetensors file ({reason}): get it again from where it came from"
        ) from None


def build(info: ModelInfo, file: Path, **changes: Any) -> Method:
    """The untrained method of a model; `changes` are keys of its configuration to be set otherwise.

    Raises:
        UserError: no such method, settings that it refuses, or networks too large to be meant.
    """
    with located(str(file)):
        config = method_config(info.run["method"] | changes, "run.method")
        method = METHODS.load(config.method).Method
        return within_limits("run.method", lambda: method(config, len(info.attributes), info.size))


def within_limits(key: str, make: Callable[[], Network]) -> Network:
    """Networks that a foreign file asks for: first made without memory, since it may ask for any size.

    Raises:
        UserError: they cannot be made, or are too large to be meant.
    """
    try:
        with ShapesOnly(), torch.device("meta"):
            whole = make()
        numbers = sum(tensor.numel() for tensor in whole.state_dict().values())
        if numbers > LARGEST:
            raise UserError(f"key {key} asks for networks of {numbers:,} numbers, more than {LARGEST:,}")
        return make()
    except (RuntimeError, ValueError, TypeError, OverflowError, MemoryError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"key {key}: no networks can be built of it ({reason})") from None


def open_model(path: Path, device: torch.device | str = "cpu", **changes: Any) -> tuple[Method, ModelInfo]:
    """Open a model for translation, in evaluation mode.

    Args:
        path: its folder, or either of its files.
        device: where to compute.
        changes: keys of the method's configuration to be set otherwise, such as `test_intensity`.

    Raises:
        UserError: a file is missing or damaged, or the weights do not fit the method that the JSON names.
    """
    weights_file, file = files_of(path)
    info = read_info(path)
    weights = read_tensors(weights_file, info.sha256, file)
    method = build(info, file, **changes)
    states = {player: part_of(weights, player) for player in method.players}
    try:
        if sum(map(len, states.values())) < len(weights) or not all(states[player] for player in method.translators):
            raise RuntimeError
        for player, state in states.items():
            if state:  # only the translating networks have to be there
                getattr(method, player).load_state_dict(state)
    except RuntimeError:
        named = info.run["method"]["method"]
        raise UserError(f"{weights_file} holds weights of another method than {named}: train it again") from None
    return method.to(device).eval(), info


def weights_of(method: Method, players: tuple[str, ...] | None = None) -> dict[str, Tensor]:
    """The trained parameters of every network with an optimiser, or of the named ones, without phi."""
    return {
        f"{player}.{name}": value.cpu()
        for player in players or method.players
        for name, value in getattr(method, player).state_dict().items()
    }


def part_of(tensors: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    """The tensors whose names begin with `name` and a dot, without that beginning."""
    return {key.removeprefix(f"{name}."): value for key, value in tensors.items() if key.startswith(f"{name}.")}
