"""What is kept of the edits of a run: values of images, small enough for git, and exact means."""

import numpy as np
import pandas as pd

from insm.evaluation.contrasts import of_images
from insm.evaluation.evaluator import Evaluation

Values = dict[tuple[str, int], np.ndarray]  # metric, number of the classifier (0: none) -> [A, N]; NaN: not counted
FINENESS = 1  # levels in a standard deviation, or up to twice as many: rounding adds a sixth at most to the variance
NUMBERS_ONLY = ("counterfactual_psnr", "counterfactual_ssim")
NUMBERS = ["split", "step", "classifier", "metric", "scope", "value", "samples"]
SMALL = {"step": np.int32, "classifier": np.int8, "value": np.float32, "samples": np.int32}  # types that git holds


def column_of(metric: str, classifier: int) -> str:
    """A metric's column; `@` and the number of the classifier that sees it follow its name."""
    return f"{metric}@{classifier}" if classifier else metric


def image_values(values: Values, split: str) -> pd.DataFrame:
    """Values of edits -> a row for every image: split, image, then a column per metric and classifier (`of_images`)."""
    count = max((each.shape[1] for each in values.values()), default=0)
    columns = {}
    for (metric, classifier), each in values.items():
        if metric in NUMBERS_ONLY:
            continue
        column = np.full(count, np.nan)
        measured = ~np.isnan(each).all(axis=0)
        if measured.any():
            column[measured] = of_images(each[:, measured].T)
        columns[column_of(metric, classifier)] = rounded(column)
    known = {name: column for name, column in columns.items() if not np.isnan(column).all()}
    head = {"split": pd.Categorical.from_codes(np.zeros(count, dtype=int), [split])}
    return pd.DataFrame(head | {"image": np.arange(count, dtype=np.int16)} | known)


def rounded(values: np.ndarray) -> np.ndarray:
    """float32 multiples of a power of two, half to the whole of the standard deviation: they compress well.

    Up or down at random (of a fixed seed) in proportion to the distance, so that no mean is biased: many images have
    the very same value. The spread over thousands of images is a small part of the error of a contrast.
    """
    spread = np.nanstd(values) if not np.isnan(values).all() else 0.0
    if spread == 0:
        return values.astype(np.float32)
    step = 2.0 ** np.floor(np.log2(spread / FINENESS))
    return (np.floor(values / step + np.random.default_rng(0).random(values.shape)) * step).astype(np.float32)


def numbers_of(values: Values, evaluation: Evaluation, split: str, step: int) -> pd.DataFrame:
    """Values of edits -> exact means, a row for every scope that has one: columns `NUMBERS`."""
    rows = []
    for (metric, classifier), each in values.items():
        counts = (~np.isnan(each)).sum(axis=1)
        sums = np.where(np.isnan(each), 0, each).sum(axis=1)
        means = np.divide(sums, counts, out=np.full(len(each), np.nan), where=counts > 0)
        scopes = evaluation.scopes.per_attribute(metric, means, counts)
        scopes += evaluation.scopes.per_domain(metric, each[0], evaluation.targets[0])
        rows += [(split, step, classifier, *row) for row in scopes]
    return pd.DataFrame(rows, columns=NUMBERS)
