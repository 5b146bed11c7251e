"""A page to browse a task's translations: image grids, best and worst edits, training steps and curves, offline."""

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jinja2 import Environment, PackageLoader
from numpy.typing import NDArray
from PIL import Image

from insm.evaluation.comparison import read_outcomes
from insm.reporting.gallery_runs import curves, hop_family, training_steps
from insm.reporting.names import metric_style, settings, target_edit
from insm.reporting.translations import TaskImages, training_logs

SEED = 2020  # of the choice of images
BYTES = 6_000_000  # of all grids of a page, about
MOST, FEWEST = 24, 4  # test images in a grid
SHOWN = 128  # pixels: larger images are reduced
CASES = 8  # best edits of a variant, worst ones, and missed ones
KEYS = ["image", "attribute", "variant", "seed"]  # of the outcomes; other columns are scores
Images = NDArray[np.uint8]


def gallery(results: str, data: str, task: str) -> str:
    """The page (HTML with its images inside) of a task.

    Args:
        results: folder of a study's results.
        data: folder of its prepared splits.
        task: of the study.
    """
    images = TaskImages(results, data, task)
    outcomes = read_outcomes(Path(results, "metrics", f"{task}.parquet"))
    rows = chosen_images(len(images.inputs), len(images.edits) + 2, images.inputs.shape[1], len(images.labels.columns))
    runs = settings(results, task)["runs"]
    content: dict[str, Any] = {
        "attributes": [name.replace("_", " ") for name in images.labels.columns],
        "images": rows.tolist(),
        "targets": [[target_edit(name, 1 - images.labels[name].iloc[k]) for name in images.labels] for k in rows],
        "input": sprite(images.inputs[rows][:, None]),
        "truth": None if images.truth is None else sprite(images.truth[:, rows].swapaxes(0, 1)),
        "size": images.inputs.shape[1],
        "hops": hop_family({variant: runs[variant][str(seed)]["method"] for variant, seed in images.seeds.items()}),
        "curves": curves(training_logs(results, task)),
        "order": order_of(outcomes),
        "start": list(images.edits).index(images.leaders[0]) if images.leaders else 0,
        "variants": [_variant(images, variant, outcomes, rows, results) for variant in images.edits],
    }
    environment = Environment(loader=PackageLoader("insm.reporting"), autoescape=True, trim_blocks=True)
    return environment.get_template("gallery.html").render(task=task, content=content)


def chosen_images(count: int, arrays: int, size: int, attributes: int) -> NDArray[np.int64]:
    """Which of `count` test images a page shows, at random but always the same: as many as keep it small."""
    each = arrays * attributes * 2 * min(size, SHOWN) ** 2  # bytes for each test image, about
    return np.sort(np.random.default_rng(SEED).permutation(count)[: min(max(BYTES // each, FEWEST), MOST)])


def order_of(outcomes: pd.DataFrame) -> list[str]:
    """The scores that tell good edits from bad ones: the distance to the truth where it is known."""
    scores = ["counterfactual_l1"] if "counterfactual_l1" in outcomes else ["accuracy", "preservation", "identity"]
    return [score for score in scores if score in outcomes]


def cases(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The best and the worst edits of one variant, each from the extreme inwards; no edit is in both."""
    scores = order_of(rows)
    higher_is_better = [score in ("accuracy", "preservation") for score in scores]
    ranked = rows.dropna(subset=scores).sort_values(scores, ascending=[not better for better in higher_is_better])
    number = min(CASES, len(ranked) // 2)
    return ranked.head(number), ranked.iloc[::-1].head(number)


def missed(rows: pd.DataFrame) -> pd.DataFrame:
    """Edits of one variant that are not classified as the target, at random but always the same."""
    failed = rows[rows.accuracy == 0] if "accuracy" in rows else rows.head(0)
    return failed.sample(min(CASES, len(failed)), random_state=SEED)


def scores_in_words(row: pd.Series) -> str:
    """All scores of one edit, such as "classified as the target; identity distance: 0.020"."""
    parts = []
    for name, value in row.drop(KEYS).dropna().items():
        if name == "accuracy":
            parts.append("classified as the target" if value else "not classified as the target")
        else:
            parts.append(f"{metric_style(str(name)).heading}: {metric_style(str(name)).write(value)}")
    return "; ".join(parts)


def sprite(images: Images) -> str:
    """Images [N, K, S, S, 3], N rows of K, as one PNG without gaps in a data URI; large ones are reduced to `SHOWN`."""
    n, k, size = images.shape[:3]
    small = min(size, SHOWN)
    sheet = Image.new("RGB", (k * small, n * small))
    for row in range(n):
        for column in range(k):
            image = Image.fromarray(np.asarray(images[row, column]))
            sheet.paste(image.resize((small, small), Image.Resampling.LANCZOS), (column * small, row * small))
    stream = io.BytesIO()
    sheet.save(stream, format="PNG", optimize=True)
    return data_uri(stream.getvalue())


def data_uri(png: bytes) -> str:
    """A PNG as an address that needs no file."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _variant(
    images: TaskImages, variant: str, outcomes: pd.DataFrame, rows: NDArray[np.int64], results: str
) -> dict[str, Any]:
    """What the page knows of one variant. Edits that it does not make (Pix2pix has one direction) have no scores."""
    seed = images.seeds[variant]
    own = outcomes[(outcomes.variant == variant) & (outcomes.seed.astype(str) == str(seed))]
    words = {(row["image"], row["attribute"]): scores_in_words(row) for _, row in own.iterrows()}
    edits, (best, worst) = images.edits[variant], cases(own)
    return {
        "name": images.names[variant],
        "sprite": sprite(edits[:, rows].swapaxes(0, 1)),
        "scores": [[words.get((image, name)) for name in images.labels.columns] for image in rows],
        "best": _cases(images, edits, best),
        "worst": _cases(images, edits, worst),
        "missed": _cases(images, edits, missed(own)) | {"share": _missed_share(own)},
        "steps": [{"step": step, "image": data_uri(png)} for step, png in training_steps(results, images, variant)],
    }


def _missed_share(rows: pd.DataFrame) -> str:
    """How many edits of a variant are not classified as the target, in words."""
    known = rows["accuracy"].dropna().to_list() if "accuracy" in rows else []
    return f"{known.count(0):,} of {len(known):,}" if known else "unknown"


def _cases(images: TaskImages, edits: Images, rows: pd.DataFrame) -> dict[str, Any]:
    """Edits as a sprite, a row each (input, output, and the truth where it is known), with what they are."""
    shown, words = [], []
    attributes = list(images.labels.columns)
    for row in rows.to_dict("records"):
        image, k = row["image"], attributes.index(row["attribute"])
        truth = [] if images.truth is None else [images.truth[k, image]]
        shown.append([images.inputs[image], edits[k, image], *truth])
        target = target_edit(row["attribute"], 1 - images.labels[row["attribute"]].iloc[image])
        words.append({"image": image, "target": target, "scores": scores_in_words(pd.Series(row))})
    return {"sprite": sprite(np.array(shown)) if shown else None, "edits": words}
