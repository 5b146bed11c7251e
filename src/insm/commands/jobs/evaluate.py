"""`insm job evaluate`: the numbers of all runs of a task."""

from pathlib import Path
from typing import Annotated

from insm.commands.arguments import assignments, option
from insm.data.dataset import load_dataset
from insm.data.prepared_split import load_split
from insm.evaluation.evaluator import Evaluation
from insm.evaluation.extractor import parse
from insm.evaluation.metrics.perceptual import Perceptual
from insm.evaluation.networks import EvaluationNetworks
from insm.evaluation.runs import evaluate_runs
from insm.evaluation.translations import Translations
from insm.networks.classifier import load as load_classifier
from insm.networks.embedding import load as load_embedding
from insm.reporting.tables import write_table
from insm.support.errors import UserError
from insm.support.files import atomic, load_array
from insm.support.runtime import setup


def evaluate(
    dataset: Annotated[str, option("Module in insm/datasets.")],
    device: Annotated[str, option("auto, cpu or cuda.")],
    metrics: Annotated[str, option("What to measure, comma-separated, as the study's key `metrics`.")],
    train: Annotated[Path, option("Prepared training split (.npy).")],
    test: Annotated[Path, option("Prepared test split (.npy).")],
    classifier: Annotated[Path, option("What `insm job classifier` wrote.")],
    truth: Annotated[Path, option("Exact counterfactuals of single edits (.npy).")],
    truth_permuted: Annotated[Path, option("The same with the labels of other images (.npy).")],
    numbers: Annotated[Path, option("Output (.csv): variant, seed, metric, scope, value, samples.")],
    outcomes: Annotated[
        Path, option("Output (.parquet): variant, seed, image, attribute, then what came of the edit.")
    ],
    run: Annotated[list[str], option("VARIANT/SEED; give --run, --edits and --permuted once per run.")],
    edits: Annotated[list[Path], option("Single edits of that run (.npy).")],
    permuted: Annotated[list[Path], option("Its translations to the labels of other images (.npy).")],
    features: Annotated[str, option("Of distances between sets, as the study's key `features`.")] = "classifier",
    identity_encoder: Annotated[Path | None, option("Of metric identity.")] = None,
    lpips: Annotated[Path | None, option("torchvision's AlexNet or VGG-16 weights, for LPIPS.")] = None,
    only: Annotated[list[str] | None, option("VARIANT=VALUE: a variant that translates one way.")] = None,
) -> None:
    """Measure all runs of one task, and its reference rows."""
    target, measured = setup(device), tuple(metrics.split(","))
    if "identity" in measured and identity_encoder is None:
        raise UserError("metric identity needs what `insm job identity-encoder` wrote: give --identity-encoder")
    networks = EvaluationNetworks(
        load_classifier(classifier, target),
        None if features == "classifier" else parse(features)[1].open(target),
        load_embedding(identity_encoder, target) if identity_encoder else None,
        Perceptual(lpips, target) if lpips else None,
    )
    counterfactuals = Translations(load_array(truth), load_array(truth_permuted))
    evaluation = Evaluation(
        networks,
        load_dataset(dataset),
        load_split(train),
        load_split(test),
        counterfactuals if counterfactuals.edits.size else None,
        measured,
    )
    evaluation.check(counterfactuals, truth)
    one_way = {variant: (int(value),) for variant, value in assignments(only or ()).items()}
    table, each = evaluate_runs(evaluation, list(zip(run, edits, permuted, strict=True)), one_way, dataset)
    write_table(table, numbers)
    with atomic(outcomes) as part:
        each.to_parquet(part, index=False)
