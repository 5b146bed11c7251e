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
from insm.errors import UserError
from insm.evaluation import Evaluation, ground_truth
from insm.extractors import parse
from insm.files import atomic
from insm.progress import Progress
from insm.runtime import setup

RUN = re.compile(r"(?P<entry>[^/]+)/seed(?P<seed>\d+)\.npy$")


def truth(dataset: str, test: Path, output: Path) -> None:
    """The exact counterfactuals of all single edits of pack TEST: uint8 [A, N, S, S, 3], empty if there are none."""
    packs.save_array(ground_truth(packs.load(test), load_dataset(dataset)), output)


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
    only: Annotated[list[str] | None, typer.Option(help="ENTRY=VALUE: an entry that translates one way.")] = None,
) -> None:
    """Judge the EDITS (files .../<entry>/seed<k>.npy) of one task and its reference rows by METRICS (comma-separated).

    FEATURES are those of distances between sets: "classifier", or what `insm.extractors` knows. Of an entry named by
    ONLY, the pictures whose bit is to become VALUE are judged alone.

    OUTPUT is a table (.csv) of entry, seed, metric, scope, value, samples; OUTCOMES (.parquet) one of entry, seed,
    picture, bit and what came of that edit: accuracy, preservation, counterfactual_l1, as far as METRICS has them.
    """
    known, pack = packs.load_array(truth), packs.load(test)
    judge = Evaluation(
        load_classifier(classifier, setup(device)),
        load_dataset(dataset),
        packs.load(train),
        pack,
        known if known.size else None,
        tuple(metrics.split(",")),
        None if features == "classifier" else parse(features)[1].open(setup(device)),
    )
    expected = (len(judge.targets), *pack.images.shape)
    if known.size and known.shape != expected:
        raise UserError(f"{truth} has shape {known.shape}, the test pack wants {expected}: delete it and run again")
    one_way = {entry: (int(value),) for entry, value in assignments(only or ()).items()}
    reports = [({"entry": name, "seed": ""}, report) for name, report in judge.references()]
    progress = Progress(f"evaluating {dataset}", len(edits), unit="runs")
    for done, path in enumerate(edits, start=1):
        pictures, run = packs.load_array(path), RUN.search(path.as_posix())
        if run is None:
            raise UserError(f"{path} must be named .../<entry>/seed<k>.npy")
        if pictures.shape != expected:
            raise UserError(f"{path} has shape {pictures.shape}, the test pack wants {expected}: translate again")
        reports.append((run.groupdict(), judge.of(pictures, one_way.get(run["entry"], (0, 1)))))
        progress(done)
    with atomic(output) as part:
        columns = ["entry", "seed", "metric", "scope", "value", "samples"]
        numbers = pd.concat([report.numbers.assign(**run) for run, report in reports])
        numbers[columns].to_csv(part, index=False, float_format="%.9g")
    with atomic(outcomes) as part:
        each = pd.concat([report.outcomes.assign(**run) for run, report in reports], ignore_index=True)
        each.astype({"entry": "category", "seed": "category"}).to_parquet(part, index=False)
