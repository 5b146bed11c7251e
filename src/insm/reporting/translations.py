"""The images of a study: test images of a task with their translations by every variant, as figures draw them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from insm.data.dataset import load_dataset
from insm.evaluation.examples import Examples, examples_of, read_examples
from insm.reporting.figures import image_grid
from insm.reporting.names import labels, leaders, settings, target_edit, variants
from insm.reporting.tables import read_table
from insm.support.errors import UserError
from insm.support.files import load_array, read_json
from insm.support.records import opened

COUNT = 10  # images in a row of `direction`


Images = Literal["one attribute", "several attributes", "several at once"]


def tasks_of(results: str, chosen: str = "", table: str = "", images: Images | None = None) -> list[str]:
    """The tasks that a notebook draws: those of a comma-separated list, or all that the study has evaluated, in order.

    Args:
        results: folder of a study's results.
        chosen: names of tasks.
        table: only those that have `tables/<table>-<task>.csv`.
        images: only those with that many attributes, or that edit several of them at once.

    Raises:
        UserError: the study has no such task.
    """
    evaluated = list(read_table(Path(results, "tables", "metrics.csv")).task.unique())
    names = [name.strip() for name in chosen.split(",") if name.strip()]
    if unknown := [name for name in names if name not in evaluated]:
        raise UserError(f"{results} has no task {unknown[0]!r}: choose from {', '.join(evaluated)}")
    suitable = [
        name
        for name in names or evaluated
        if (not table or Path(results, "tables", f"{table}-{name}.csv").exists())
        and (not images or _has(results, name, images))
    ]
    if not suitable:
        print("No task of this study has what this notebook draws.")
    return suitable


def _has(results: str, task: str, images: Images) -> bool:
    dataset = load_dataset(settings(results, task)["test"]["dataset"])
    if images == "several at once":
        return bool(dataset.combinations)
    return (len(dataset.attributes) == 1) == (images == "one attribute")


def first_seeds(results: str, task: str) -> dict[str, int]:
    """Variant -> its smallest seed, in the study's order: what the study lists, whatever else lies in its folders."""
    runs = settings(results, task)["runs"]
    return {variant: min(map(int, runs[variant])) for variant in labels(results, task)}


def training_logs(results: str, task: str) -> dict[str, pd.DataFrame]:
    """Label of each variant -> the log of its first seed's training, in the study's order."""
    names, runs = labels(results, task), Path(results, "runs", task)
    return {
        names[k]: read_table(runs / k / f"seed{seed}" / "log.csv") for k, seed in first_seeds(results, task).items()
    }


class TaskImages:
    """Test images of a task and their translations by the first seed of every variant.

    inputs      uint8 [N, S, S, 3]
    labels      a column per attribute, a row per image
    truth       exact counterfactuals of single edits [A, N, S, S, 3], or None
    edits       variant -> its single edits [A, N, S, S, 3], in the study's order
    names       variant -> label
    """

    def __init__(self, results: str, data: str, task: str):
        self.task, self.names = task, labels(results, task)
        self.dataset = load_dataset(settings(results, task)["test"]["dataset"])
        self.folder, self.seeds = Path(results, "translations", task), first_seeds(results, task)
        self.inputs = load_array(Path(data, task, "test.npy"))
        table = Path(data, task, "test.parquet")
        opened(table)
        self.labels = pd.read_parquet(table)[list(self.dataset.attributes)]
        truth = load_array(self.folder / "ground-truth.npy")
        self.truth = truth if truth.size else None
        self.edits = {variant: self._load(variant, "seed") for variant in self.seeds}
        first = leaders(results, task)
        self.leaders = [variant for variant in self.edits if variant in first]
        self.ablations = [variant for variant in self.edits if variant not in first]

    def _load(self, variant: str, prefix: str) -> np.ndarray:
        return load_array(self.folder / variant / f"{prefix}{self.seeds[variant]}.npy")

    def groups(self) -> dict[str, list[str]]:
        """Variants that share a figure: one of each method, then the others; all together if there is one method."""
        if len(self.leaders) < 2:
            return {"variants": [*self.edits]}
        groups = {"methods": self.leaders, "variants": self.ablations}
        return {name: group for name, group in groups.items() if group}

    def single_edits(self, image: int, variants: Sequence[str]) -> Figure:
        """All single edits of one test image: a column per attribute, a row for the truth and for each variant."""
        truth = {} if self.truth is None else {"truth": self.truth}
        rows = truth | {self.names[variant]: self.edits[variant] for variant in variants}
        grid = {name: [self.inputs[image], *edits[:, image]] for name, edits in rows.items()}
        targets = [target_edit(name, 1 - value) for name, value in self.labels.iloc[image].items()]
        return image_grid(grid, ["input", *("\n".join(words.rsplit(" ", 1)) for words in targets)])

    def direction(self, value: int) -> tuple[str, str, Figure]:
        """A task of one attribute: the first test images with that value and their translations to the other.

        Returns:
            The names of both domains, and the figure; variants that do not translate this way are left out.
        """
        (attribute,) = self.dataset.attributes
        start, end = target_edit(attribute, value), target_edit(attribute, 1 - value)
        images = np.flatnonzero(self.labels[attribute] == value)[:COUNT]
        rows = {start: self.inputs[images]} | ({} if self.truth is None else {f"truth: {end}": self.truth[0][images]})
        rows |= {
            self.names[variant]: edits[0][images]
            for variant, edits in self.edits.items()
            if self.goes(variant, 1 - value)
        }
        return start, end, image_grid(rows, [""] * len(images))

    def goes(self, variant: str, value: int) -> bool:
        """Whether a variant of a task of one attribute translates to that value: a Pix2pix model has one direction."""
        metrics = read_table(self.folder.parents[1] / "tables" / "metrics.csv")
        rows = metrics[(metrics.task == self.task) & (metrics.variant == variant)]
        return bool((rows.scope == f"{self.dataset.attributes[0]}={value}").any())

    def multi_attribute(self, figure: str, variants: Sequence[str]) -> Figure | None:
        """Edits of several attributes at once: the target edits drawn for `figure`; None if there are none."""
        edits = read_json(self.folder / "multi-attribute.json")
        chosen = [k for k, edit in enumerate(edits) if edit["figure"] == figure]
        if not chosen:
            return None
        truth = load_array(self.folder / "multi-attribute-ground-truth.npy")
        rows = {"input": self.inputs[[edits[k]["row"] for k in chosen]]} | (
            {"truth": truth[chosen]} if truth.size else {}
        )
        rows |= {self.names[variant]: self._load(variant, "multi-attribute-seed")[chosen] for variant in variants}
        columns = ["\n".join(target_edit(*edit) for edit in edits[k]["values"].items()) for k in chosen]
        return image_grid(rows, columns, cell=0.8)


EDITS = ("Smiling", "Young", "Male", "Eyeglasses", "Blond_Hair")  # of `ablation_faces`


def ablation_faces(results: str, data: str, task: str) -> Figure | None:
    """The truth and rows (a) to (e) of the paper's Table 3 on the same test images; None where no images are kept.

    Drawn from translations, or where a study keeps none, from the few edits that it does keep.
    """
    listed = variants(results, task).dropna(subset="paper_row").sort_values("paper_row")
    few = Path(results, "metrics", f"{task}.examples.png")
    known = read_examples(few) if few.exists() else _kept_translations(results, data, task, list(listed.variant))
    shown = {name: known.rows[name] for name in listed.variant if known and name in known.rows}
    if not known or not shown:
        return None
    attributes = list(load_dataset(settings(results, task)["test"]["dataset"]).attributes)
    chosen = [attributes.index(name) for name in EDITS if name in attributes] or [*range(min(5, len(attributes)))]
    places = [(image, k) for image in range(len(known.labels)) for k in chosen]
    truth, names = known.rows[""], labels(results, task)
    grid = {"input": [truth[image, 0] for image, _ in places]}
    rows = ({"truth": truth} if truth.shape[1] > 1 else {}) | {names[name]: edits for name, edits in shown.items()}
    grid |= {name: [edits[image, 1 + k] for image, k in places] for name, edits in rows.items()}
    heads = [target_edit(attributes[k], 1 - known.labels[image][k]) for image, k in places]
    return image_grid(grid, ["\n".join(words.rsplit(" ", 1)) for words in heads])


def _kept_translations(results: str, data: str, task: str, names: Sequence[str]) -> Examples | None:
    """The same few edits of the first seeds' translations and, named "", of the truth; None if any is missing."""
    seeds = first_seeds(results, task)
    if not names or not all(Path(results, "translations", task, k, f"seed{seeds[k]}.npy").exists() for k in names):
        return None
    images = TaskImages(results, data, task)
    edits = {"": images.truth} | {name: images.edits[name] for name in names}
    parts = [examples_of(images.inputs, images.labels.to_numpy(), edit, name) for name, edit in edits.items()]
    return Examples(parts[0].labels, {name: row for part in parts for name, row in part.rows.items()})
