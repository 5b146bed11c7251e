"""The numbers of a whole task: its reference rows and every run."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from insm.evaluation.evaluator import Evaluation
from insm.evaluation.references import references
from insm.evaluation.scopes import COLUMNS
from insm.evaluation.translations import Translations
from insm.support.errors import UserError
from insm.support.files import load_array
from insm.support.progress import Progress


def evaluate_runs(
    evaluation: Evaluation, runs: Sequence[tuple[str, Path, Path]], one_way: Mapping[str, tuple[int, ...]], label: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The reference rows and every run of a task.

    Args:
        evaluation: of the task.
        runs: "<variant>/<seed>", and the files of its single edits and of its translations to full target labels.
        one_way: variant -> values of the only attribute that it translates to, where that is not both.
        label: name of the progress.

    Returns:
        The numbers (variant, seed, metric, scope, value, samples) and the outcomes of every edit (variant, seed, image,
        attribute, then `evaluator.PER_IMAGE`).

    Raises:
        UserError: the name of a run is not VARIANT/SEED, or files are not of these test images.
    """
    reports = [({"variant": name, "seed": ""}, report) for name, report in references(evaluation)]
    progress = Progress(f"evaluating {label}", len(runs), unit="runs")
    for done, (name, edits, permuted) in enumerate(runs, start=1):
        variant, slash, seed = name.rpartition("/")
        if not slash or not seed.isdigit():
            raise UserError(f"run {name!r}: write VARIANT/SEED")
        translations = Translations(load_array(edits), load_array(permuted))
        evaluation.check(translations, edits)
        reports.append(({"variant": variant, "seed": seed}, evaluation.of(translations, one_way.get(variant, (0, 1)))))
        progress(done)
    numbers = pd.concat([report.numbers.assign(**run) for run, report in reports])
    each = pd.concat([report.outcomes.assign(**run) for run, report in reports], ignore_index=True)
    return numbers[["variant", "seed", *COLUMNS]], each.astype({"variant": "category", "seed": "category"})
