"""`insm truth` and `insm evaluate`: the exact edits of a task, and the numbers of all its runs."""

import re
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from insm import pack as packs
from insm.arguments import assignments
from insm.classifier import load as load_classifier
from insm.datasets import load_dataset
from insm.embedding import load as load_embedding
from insm.errors import UserError
from insm.evaluation import Evaluation, Pictures, ground_truth
from insm.extractors import parse
from insm.files import atomic
from insm.judges import Judges
from insm.metrics.perceptual import Perceptual
from insm.progress import Progress
from insm.runtime import setup

RUN = re.compile(r"(?P<entry>[^/]+)/seed(?P<seed>\d+)\.npy$")


def pictures_of(path: Path) -> Pictures:
    """What `insm translate` or `insm truth` wrote to PATH and permuted-PATH."""
    return Pictures(packs.load_array(path), packs.load_array(path.with_name(f"permuted-{path.name}")))


def truth(dataset: str, test: Path, output: Path, permuted: Path) -> None:
    """The exact counterfactuals of pack TEST, empty where there are none.

    OUTPUT: of all single edits, uint8 [A, N, S, S, 3]. PERMUTED: with the labels of other pictures [P, N, S, S, 3].
    """
    known = ground_truth(packs.load(test), load_dataset(dataset))
    for path, pictures in zip((output, permuted), known or (None, None), strict=True):
        packs.save_array(pictures, path)


def evaluate(
    dataset: str,
    device: str,
    metrics: str,
    features: str,
    train: Path,
    test: Path,
    classifier: Path,
    truth: Path,
    output: Path,
    outcomes: Path,
    edits: list[Path],
    recogniser: Annotated[Path | None, typer.Option(help="What `insm recognise` wrote, for metric identity.")] = None,
    lpips: Annotated[Path | None, typer.Option(help="torchvision's AlexNet or VGG-16 weights, for LPIPS.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="ENTRY=VALUE: an entry that translates one way.")] = None,
) -> None:
    """Judge the EDITS (files .../<entry>/seed<k>.npy) of one task and its reference rows by METRICS (comma-separated).

    Beside each of the files, and beside TRUTH, lies permuted-<its name>: the same with the labels of other pictures.
    FEATURES are those of distances between sets: "classifier", or what `insm.extractors` knows. Of an entry named by
    ONLY, the pictures whose bit is to become VALUE are judged alone.

    OUTPUT is a table (.csv) of entry, seed, metric, scope, value, samples; OUTCOMES (.parquet) one of entry, seed,
    picture, bit and what came of that edit: accuracy, preservation, counterfactual_l1, identity, as far as METRICS has
    them.
    """
    target, measured = setup(device), tuple(metrics.split(","))
    if "identity" in measured and recogniser is None:
        raise UserError("metric identity needs the network that `insm recognise` wrote: give it with --recogniser")
    judges = Judges(
        load_classifier(classifier, target),
        None if features == "classifier" else parse(features)[1].open(target),
        load_embedding(recogniser, target) if recogniser else None,
        Perceptual(lpips, target) if lpips else None,
    )
    known, pack = pictures_of(truth), packs.load(test)
    judge = Evaluation(
        judges,
        load_dataset(dataset),
        packs.load(train),
        pack,
        known if known.edits.size else None,
        measured,
    )
    shapes = [(len(targets), *pack.images.shape) for targets in (judge.targets, judge.permuted)]
    for made, shape in zip(known, shapes, strict=True):
        if made.size and made.shape != shape:
            raise UserError(f"{truth} has shape {made.shape}, the test pack wants {shape}: delete it and run again")
    one_way = {entry: (int(value),) for entry, value in assignments(only or ()).items()}
    reports = [({"entry": name, "seed": ""}, report) for name, report in judge.references()]
    progress = Progress(f"evaluating {dataset}", len(edits), unit="runs")
    for done, path in enumerate(edits, start=1):
        run = RUN.search(path.as_posix())
        if run is None:
            raise UserError(f"{path} must be named .../<entry>/seed<k>.npy")
        pictures = pictures_of(path)
        for made, shape in zip(pictures, shapes, strict=True):
            if made.shape != shape:
                raise UserError(f"{path} has shape {made.shape}, the test pack wants {shape}: translate again")
        reports.append((run.groupdict(), judge.of(pictures, one_way.get(run["entry"], (0, 1)))))
        progress(done)
    with atomic(output) as part:
        columns = ["entry", "seed", "metric", "scope", "value", "samples"]
        numbers = pd.concat([report.numbers.assign(**run) for run, report in reports])
        numbers[columns].to_csv(part, index=False, float_format="%.9g")
    with atomic(outcomes) as part:
        each = pd.concat([report.outcomes.assign(**run) for run, report in reports], ignore_index=True)
        each.astype({"entry": "category", "seed": "category"}).to_parquet(part, index=False)
