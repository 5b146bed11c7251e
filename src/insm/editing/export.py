"""From a study's run to a model that others can use: generator, classifier, and what is known of both."""

import subprocess
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from PIL import Image
from torch import Tensor

from insm.data.dataset import Procedural, load_dataset
from insm.data.prepared_split import load_split
from insm.editing import predictor as predictors
from insm.editing.opening import EXAMPLE
from insm.editing.photos import centre, cut, save_rendered
from insm.editing.predictor import Network, Predictor, statistics_of
from insm.networks import model_file
from insm.networks.model_file import Metric, ModelInfo
from insm.reporting.tables import read_table
from insm.support.errors import UserError

METRICS = ("accuracy", "preservation", "counterfactual_l1", "identity")  # those that a model card prints
EXAMPLE_SIZE = 256  # pixels
RENDERED = "none needed: rendered by insm"


class Sources(NamedTuple):
    """The files of a study that an export reads."""

    classifier: Path
    train: Path  # prepared split (.npy)
    test: Path
    intervals: Path | None  # table of metrics with intervals; None: unknown


def sources_of(run: Path, info: ModelInfo) -> Sources:
    """Where a run's study keeps them, seen from the run's folder results/<study>/runs/<task>/<variant>/seed<k>.

    Raises:
        UserError: the folder is not part of a study's results.
    """
    folder, task = run.resolve(), str(info.run.get("task"))
    if len(folder.parents) < 6 or folder.parents[2].name != "runs":
        raise UserError(f"{run} is not in a study's results: name --classifier, --train and --test")
    results, project = folder.parents[3], folder.parents[5]
    data, intervals = project / "data" / results.name / task, results / "tables" / f"intervals-{task}.csv"
    return Sources(
        results / "pretrained" / task / "classifier.pt",
        data / "train.npy",
        data / "test.npy",
        intervals if intervals.exists() else None,
    )


def export(run: Path, output: Path, sources: Sources, half: bool, row: int = 0) -> ModelInfo:
    """Write a run as a model of its own to the folder `output`.

    Args:
        run: the run's folder.
        output: the model's folder.
        sources: files of its study.
        row: of the test image that goes with the model as an example, where the dataset is rendered; photographs stay.
        half: store the generator in half precision: half the size, edits that differ by a grey level here and there.

    Raises:
        UserError: a file is missing or does not belong to the run.
    """
    method, info = model_file.open_model(run)
    weights = model_file.weights_of(method, method.translators)
    if half:
        weights = halved(weights)
    network, config = predictors.load_trained(sources.classifier, len(info.attributes), info.size)
    predictor, accuracy = fitted(network, sources, info)
    dataset = load_dataset(info.dataset)
    if isinstance(dataset, Procedural):
        save_rendered(example(dataset, load_split(sources.test).table, row, info, predictor), output / EXAMPLE)
    complete = info.model_copy(
        update={
            "predictor": predictors.save(predictor, output, config, accuracy),
            "metrics": metrics_of(sources.intervals, str(info.run.get("variant"))),
            "commit": commit(),
            "licence": dataset.licence or RENDERED,
        }
    )
    return model_file.save(weights, complete, output / model_file.WEIGHTS)


def halved(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Weights in half precision; counters stay as they are."""
    return {name: value.half() if value.is_floating_point() else value for name, value in weights.items()}


def shrink(run: Path, output: Path, largest: int) -> None:
    """Write what translates of a run's model to the folder `output` in half precision, unless it takes more bytes."""
    method, info = model_file.open_model(run)
    weights = halved(model_file.weights_of(method, method.translators))
    if sum(value.nbytes for value in weights.values()) <= largest:
        model_file.save(weights, info, output / model_file.WEIGHTS)


def fitted(network: Network, sources: Sources, info: ModelInfo) -> tuple[Predictor, dict[str, float]]:
    """A classifier with the statistics of the training images, and its accuracy on the test images by attribute."""
    train, test = load_split(sources.train), load_split(sources.test)
    for split in (train, test):
        if split.size != info.size:
            raise UserError(f"{split.name} holds {split.size} px images, the model's have {info.size} px: name its own")
    features = Predictor(network)(train.images)[1]
    statistics = statistics_of(features)
    predictor = Predictor(network, statistics, float(np.percentile(statistics.distance(features), 99)))
    hits = (predictor(test.images)[0] > 0.5) == test.labels(info.attributes).astype(bool)
    return predictor, dict(zip(info.attributes, map(float, hits.mean(axis=0).round(4)), strict=True))


def example(dataset: Procedural, table: pd.DataFrame, row: int, info: ModelInfo, predictor: Predictor) -> np.ndarray:
    """One row of a table as an image that can be edited -> uint8 [EXAMPLE_SIZE, EXAMPLE_SIZE, 3].

    It is rendered at that size. Where the classifier does not see its attributes then (lines of edge maps are a pixel
    wide at any size, and vanish as they shrink), it is rendered at the model's size, its pixels enlarged.

    Raises:
        UserError: there is no such row.
    """
    if not 0 <= row < len(table):
        raise UserError(f"--example {row}: the test split has rows 0 to {len(table) - 1}")
    chosen = table.iloc[[row]]
    image = Image.fromarray(dataset.render(chosen, EXAMPLE_SIZE)[0])
    seen = predictor(cut(image, centre(image), info.size)[None])[0] > 0.5
    if (seen != chosen[list(info.attributes)].to_numpy().astype(bool)).any():
        small = Image.fromarray(dataset.render(chosen, info.size)[0])
        image = small.resize(image.size, Image.Resampling.NEAREST)
    return np.asarray(image)


def metrics_of(intervals: Path | None, variant: str) -> tuple[Metric, ...]:
    """The rows of a variant in a table that `insm job compare` wrote, those that a card prints."""
    if intervals is None:
        return ()
    table = read_table(intervals)
    rows = table[(table.variant == variant) & table.metric.isin(METRICS)]
    return tuple(
        Metric(metric=row.metric, scope=row.scope, value=row.value, low=_number(row.low), high=_number(row.high))
        for row in rows.itertuples()
    )


def _number(value: float) -> float | None:
    return None if pd.isna(value) else float(value)


def commit() -> str:
    """The commit that is checked out here, a plus sign after it where sources differ; empty outside of a checkout."""
    try:
        revision, changes = (
            subprocess.run(["git", *command], capture_output=True, text=True, check=True).stdout.strip()
            for command in (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no", "--", "src"])
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return revision + ("+" if changes else "")
