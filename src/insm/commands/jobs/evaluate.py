"""`insm job evaluate`: the numbers of one run, or of the reference rows of a task."""

from pathlib import Path
from typing import Annotated

from insm.commands.arguments import json_argument, option
from insm.data.checksums import sha256
from insm.data.prepared_split import load_split
from insm.evaluation.examples import save_examples
from insm.evaluation.extractor import parse
from insm.evaluation.metrics.perceptual import Perceptual
from insm.evaluation.networks import EvaluationNetworks
from insm.evaluation.outcomes import SMALL
from insm.evaluation.runs import Measured, of_log
from insm.networks.classifier import load as load_classifier
from insm.networks.embedding import load as load_embedding
from insm.networks.snapshots import read_snapshots
from insm.reporting.tables import read_table
from insm.support.errors import UserError
from insm.support.files import atomic, load_array, save_array, write_json
from insm.support.progress import Progress
from insm.support.runtime import setup
from insm.training.measuring import Task
from insm.training.model_file import load_method
from insm.training.translator import Translator


def evaluate(
    settings: Annotated[str, option("JSON: dataset, metrics, features, labels, outcomes.")],
    device: Annotated[str, option("auto, cpu or cuda.")],
    train: Annotated[Path, option("Prepared training split (.npy).")],
    split: Annotated[list[str], option("NAME=FILE of a split that is edited (.npy).")],
    truth: Annotated[list[Path], option("Exact counterfactuals of its single edits (.npy), once per split.")],
    truth_permuted: Annotated[Path, option("Those of the first split with the labels of other images (.npy).")],
    classifier: Annotated[list[Path], option("What `insm job classifier` wrote; the first one measures everything.")],
    train_features: Annotated[
        list[Path], option("Features of the training images (.npy), for each classifier: written for reference rows.")
    ],
    numbers: Annotated[Path, option("Output (.parquet): split, step, classifier, metric, scope, value, samples.")],
    outcomes: Annotated[Path, option("Output (.parquet): what came of every edit, or of the edits of every image.")],
    model: Annotated[Path | None, option("The run's model; without one, the reference rows are measured.")] = None,
    edits: Annotated[Path | None, option("Output: the run's single edits on the first split (.npy).")] = None,
    examples: Annotated[Path | None, option("Output: edits of a few images of the first split (.png).")] = None,
    log: Annotated[Path | None, option("The run's training log (.csv).")] = None,
    snapshots: Annotated[Path | None, option("The run's snapshots, for a learning curve.")] = None,
    validation: Annotated[
        list[Path] | None, option("Split of the learning curve, and its counterfactuals (.npy).")
    ] = None,
    identity: Annotated[str, option("JSON: what the run was made from.")] = "",
    record: Annotated[Path | None, option("Output (.json): the identity, and hashes of what measured it.")] = None,
    identity_encoder: Annotated[Path | None, option("Of metric identity.")] = None,
    lpips: Annotated[Path | None, option("torchvision's AlexNet or VGG-16 weights, for LPIPS.")] = None,
) -> None:
    """Measure a run, or without MODEL the reference rows, on the images of every SPLIT."""
    chosen, target = json_argument(settings), setup(device)
    if "identity" in chosen["metrics"] and identity_encoder is None:
        raise UserError("metric identity needs what `insm job identity-encoder` wrote: give --identity-encoder")
    first, *others = (load_classifier(path, target) for path in classifier)
    if len(train_features) != len(classifier):
        raise UserError(f"{len(classifier)} classifiers need as many --train-features, not {len(train_features)}")
    networks = EvaluationNetworks(
        first,
        None if chosen["features"] == "classifier" else parse(chosen["features"])[1].open(target),
        load_embedding(identity_encoder, target) if identity_encoder else None,
        Perceptual(lpips, target) if lpips else None,
    )
    judges = [networks, *map(EvaluationNetworks, others)]
    task = Task(chosen, judges, load_split(train), [load_array(path) for path in train_features] if model else ())
    places = [place.partition("=")[::2] for place in split]
    sets = [
        (name, task.evaluations(Path(file), path, truth_permuted if not k else None, labels=task.by_image))
        for k, ((name, file), path) in enumerate(zip(places, truth, strict=True))
    ]
    if model:
        method, _ = load_method(model, target)
        progress = Progress(f"evaluating {model.parent}", len(sets), unit="splits")
        parts = []
        for done, (name, evaluations) in enumerate(sets, start=1):
            translator = Translator(method, task.dataset, evaluations[0].test, target)
            drawn = (edits, examples) if name == sets[0][0] else (None, None)
            parts.append(task.run(evaluations, translator, name, *drawn))
            progress(done)
        if log and task.by_image:
            parts.append(of_log(read_table(log), parts[0]))
        if snapshots and validation:
            seen = task.evaluations(validation[0], validation[1], None)[0]
            parts += [
                task.snapshot(seen, Translator(at, task.dataset, seen.test, target), step)
                for step, at in read_snapshots(snapshots, model, target)
            ]
    else:
        parts = [part for name, evaluations in sets for part in task.references(evaluations, name)]
        for evaluation, path in zip(sets[0][1], train_features, strict=True):
            save_array(evaluation.train_features, path)
        if examples:
            save_examples(task.examples(sets[0][1][0]), examples)
    measured = Measured.joined(parts)
    if task.by_image:
        measured = measured._replace(numbers=measured.numbers.astype(SMALL))
    for table, path in zip(measured, (numbers, outcomes), strict=True):
        with atomic(path) as part:
            table.to_parquet(part, index=False, compression="zstd", compression_level=19)
    if record:
        by = {"classifiers": [*map(sha256, classifier)], "splits": {name: sha256(Path(file)) for name, file in places}}
        write_json(record, json_argument(identity) | {"measured": by})
