"""Building a blinded study from the translations of a study's test images."""

import hashlib
import secrets
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.random import Generator
from pydantic import Field, NonNegativeInt, PositiveInt

from insm.data.dataset import Dataset, load_dataset
from insm.data.edits import toggled
from insm.data.images import save_png
from insm.data.prepared_split import PreparedSplit, load_split
from insm.networks.method import METHODS, method_config
from insm.reporting.names import leaders, target_edit
from insm.reporting.tables import read_table
from insm.support.errors import UserError
from insm.support.files import load_array, read_json, read_yaml, write_json
from insm.support.schema import Section
from insm.voting.page import write_page
from insm.voting.study import Contender, Item, Key, Shown, Study

CONSENT = (
    "You will see images and choose, for each, the best of several edited versions. Taking part is voluntary, and you "
    "may stop at any time. Only your choices are stored, under a random number: no name, no address, no e-mail. "
    "They are published as counts."
)


class BuildConfig(Section):
    """How a study is laid out."""

    seed: int = Field(default_factory=lambda: secrets.randbelow(2**32))
    """Of the order of outputs and items. Random by default: who knows it can tell the methods."""
    per_rater: PositiveInt = 50
    """Comparisons for one rater, at most."""
    votes_per_item: PositiveInt = 2
    """Raters who see each comparison, if every part is done once."""
    attention_every: NonNegativeInt = 25
    """One attention check for so many comparisons; 0 is none."""
    consent: str = CONSENT
    """What raters agree to."""


class Comparison(NamedTuple):
    """One edit of one test image by every method."""

    shown: Shown
    target: str
    input: np.ndarray  # uint8 [S, S, 3]
    outputs: list[np.ndarray]  # in the order of shown.methods


def tasks_with_votes(results: Path, paper: Path) -> list[str]:
    """Tasks of a study whose table of the paper has votes.

    Raises:
        UserError: there are none.
    """
    if not (results / "config").is_dir():
        raise UserError(f"{results} holds no finished study: name another folder, such as results/full, or finish it")
    tables, found = read_yaml(paper)["reported"], []
    for file in sorted(results.glob("config/*/settings.json")):
        table = load_dataset(read_json(file)["test"]["dataset"]).paper_table
        if table and any("vote_percent" in row for row in tables[table]["methods"].values()):
            found.append(file.parent.name)
    if not found:
        raise UserError(f"{results} has no task that the paper had votes on: finish its study, or name one with --task")
    return found


def contenders(variants: pd.DataFrame, runs: dict, reported: Collection[str] | None) -> list[Contender]:
    """The methods that are compared, each with a variant for both values of an attribute.

    Args:
        variants: variant, method, label, in the study's order.
        runs: variant -> seed -> settings of its training.
        reported: names of methods in the paper's table; None compares all methods of the task.

    Returns:
        In the paper's order; a method needs variants that translate in both directions, one or two.
    """
    names = [name.lower() for name in reported or ()]
    methods = [name for name in names if (variants.method == name).any()] if reported else variants.method.unique()
    found = []
    for method in methods:
        rows = variants[variants.method == method]
        first: dict[int, str] = {}
        for variant in rows.variant:
            config = method_config(next(iter(runs[variant].values()))["method"], variant)
            for value in config.translates_to:
                first.setdefault(value, variant)
        label = next((name for name in reported or () if name.lower() == method), rows.label.iloc[0])
        if len(first) == 2:
            found.append(Contender(method=method, label=label, variants=first))
    return found


def build(results: Path, data: Path, paper: Path, task: str, output: Path, config: BuildConfig) -> tuple[Study, Key]:
    """Write a blinded study of a task: OUTPUT/site for raters, OUTPUT/study.json for the server, OUTPUT/key.json.

    Args:
        results: folder of a study's results.
        data: folder of its prepared splits.
        paper: the file of the paper's numbers, which names the methods of its user study.
        task: of the study.
        output: folder.
        config: layout.

    Raises:
        UserError: a file is missing, or fewer than two methods can be compared.
    """
    settings_file = results / "config" / task / "settings.json"
    settings = read_json(settings_file)
    dataset, split = load_dataset(settings["test"]["dataset"]), load_split(data / task / "test.npy")
    part = read_yaml(paper)["reported"][dataset.paper_table] if dataset.paper_table else {}
    variants = read_table(results / "config" / task / "variants.csv")
    first = variants.variant.isin(leaders(results, task))  # the full model of a method stands for it, not an ablation
    variants = pd.concat([variants[first], variants[~first]])
    compared = contenders(variants, settings["runs"], part.get("methods"))
    if len(compared) < 2:
        known = [name for name in part.get("methods", ()) if name.lower() in METHODS.names()]
        raise UserError(
            f"{settings_file}: a vote needs two methods that translate both ways, task {task} has {len(compared)}: "
            f"add variants of {', '.join(known) or 'two methods'} to the study, as config/full.yaml has them, and run "
            "`snakemake`"
        )
    domains = dict(zip(part["fid_order"], (1, 0), strict=True)) if len(dataset.attributes) == 1 and part else {}
    words = {value: name for name, value in domains.items()}
    rng = np.random.default_rng(config.seed)
    comparisons = _comparisons(results / "translations" / task, split, dataset, compared, settings["runs"], words, rng)
    name = _opaque(config.seed, results, task)
    site, items, shown = output / "site", [], {}
    try:
        (site / "images").mkdir(parents=True)
    except OSError as error:
        raise UserError(f"cannot make {site} ({error.strerror}): choose a new folder with --output") from None
    for k, comparison in enumerate(comparisons):
        items.append(_write(site, f"{name}/{k}", comparison.target, comparison.input, comparison.outputs))
        shown[items[-1].id] = comparison.shown
    checks = {}
    for k in range(-(-config.per_rater // config.attention_every) if config.attention_every else 0):
        target, image, outputs, right = _attention(split.images, len(compared), rng)
        items.append(_write(site, f"{name}/attention/{k}", target, image, outputs))
        checks[items[-1].id] = right
    study = Study(
        id=name,
        size=split.size,
        consent=config.consent,
        items=sorted(items, key=lambda item: item.id),
        parts=parts_of(list(shown), list(checks), config, rng),
    )
    key = Key(
        id=name, results=str(results), task=task, seed=config.seed, contenders=compared, items=shown, attention=checks
    )
    write_page(study, site)
    write_json(output / "study.json", study.model_dump(mode="json"))
    write_json(output / "key.json", key.model_dump(mode="json"))
    return study, key


def parts_of(items: list[str], checks: list[str], config: BuildConfig, rng: Generator) -> tuple[tuple[str, ...], ...]:
    """Every item `votes_per_item` times, in parts of at most `per_rater` without a repetition, plus attention checks.

    Parts differ by at most one item in length, and each of the rounds splits the items anew.
    """
    parts = []
    for _ in range(config.votes_per_item):
        for chunk in np.array_split(rng.permutation(items), -(-len(items) // config.per_rater)):
            number = -(-len(chunk) // config.attention_every) if config.attention_every else 0
            part = list(map(str, chunk))
            for name in checks[:number]:
                part.insert(int(rng.integers(1, len(part) + 1)), name)  # never the first
            parts.append(tuple(part))
    return tuple(parts)


def _comparisons(
    folder: Path,
    split: PreparedSplit,
    dataset: Dataset,
    compared: list[Contender],
    runs: dict,
    words: dict[int, str],
    rng: Generator,
) -> Iterator[Comparison]:
    """Every single edit of every test image, outputs in a random order."""
    arrays = {}
    for variant in {variant for contender in compared for variant in contender.variants.values()}:
        path = folder / variant / f"seed{min(map(int, runs[variant]))}.npy"
        arrays[variant] = load_array(path)
        expected = (len(dataset.attributes), *split.images.shape)
        if arrays[variant].shape != expected:
            raise UserError(f"{path} holds {list(arrays[variant].shape)}, not {list(expected)}: make it again")
    targets = toggled(split.labels(dataset.attributes), dataset)
    for k, attribute in enumerate(dataset.attributes):
        for image in range(len(split)):
            value = int(targets[k, image, k])
            order = [compared[place] for place in rng.permutation(len(compared))]
            yield Comparison(
                Shown(image=image, attribute=attribute, value=value, methods=[c.method for c in order]),
                words.get(value) or target_edit(attribute, value),
                split.images[image],
                [arrays[c.variants[value]][k, image] for c in order],
            )


def _attention(images: np.ndarray, places: int, rng: Generator) -> tuple[str, np.ndarray, list[np.ndarray], int]:
    """A comparison with one right answer: the input itself, among copies of it with shuffled pixels."""
    image = images[rng.integers(len(images))]
    right = int(rng.integers(places))
    pixels = image.reshape(-1, 3)
    outputs = [image if k == right else rng.permutation(pixels).reshape(image.shape) for k in range(places)]
    return "unchanged", image, outputs, right


def _write(site: Path, name: str, target: str, image: np.ndarray, outputs: list[np.ndarray]) -> Item:
    """Write the images of an item under opaque names, as PNG without metadata."""
    files = []
    for place, content in enumerate([image, *outputs]):
        files.append(f"images/{_opaque(name, place)}.png")
        with (site / files[-1]).open("wb") as stream:
            save_png(content, stream)
    return Item(id=_opaque(name), target=target, input=files[0], outputs=files[1:])


def _opaque(*parts) -> str:
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:16]
