"""Data cards: what a task's prepared splits hold, as numbers and as a page. Equal prepared splits give equal bytes."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import PIL
import pyarrow

from insm.data.checksums import compare, sha256
from insm.data.dataset import load_dataset
from insm.data.prepared_split import PreparedSplit, load_split
from insm.data.raw_files import CHECKSUMS, RAW, raw_folder
from insm.data.settings import SplitConfig
from insm.data.split_lists import read_list
from insm.reporting.markdown import table
from insm.support.errors import UserError
from insm.support.files import atomic, read_json, write_json


def write_card(configs: dict[str, SplitConfig], files: dict[str, Path], output: Path) -> None:
    """Write the card: `output` (.md), its numbers (.json) and its figure (.png) beside it.

    Args:
        configs: split -> its settings.
        files: split -> its .npy file.
    """
    from insm.reporting.data_card_figures import card_figure, save  # only here: Matplotlib is slow to import

    splits = {name: load_split(path) for name, path in files.items()}
    content, image = describe(configs, files, splits), output.with_suffix(".png")
    save(card_figure(splits, content["attributes"]), image)
    with atomic(output) as part:
        part.write_text(page(content, image.name), encoding="utf-8")
    write_json(output.with_suffix(".json"), content)


def co_occurrence(labels: np.ndarray) -> np.ndarray:
    """Labels [N, A] -> [A, A]: the number of rows where both are 1; how often each is, on the diagonal."""
    counts = labels.astype(np.int64)
    return counts.T @ counts


def describe(
    configs: dict[str, SplitConfig], files: dict[str, Path], splits: dict[str, PreparedSplit]
) -> dict[str, Any]:
    """The card's content; arguments as in `write_card`, and the splits themselves."""
    config = configs["train"]
    dataset = load_dataset(config.dataset)
    attributes = list(dataset.attributes)
    paths = [path for images in files.values() for path in (images, images.with_suffix(".parquet"))]
    counts = dataset.count_raw_images(raw_folder(config)) if dataset.published else {}
    return {
        "dataset": config.dataset,
        "size": config.size,
        "seed": config.seed,
        "paired": dataset.paired,
        "attributes": attributes,
        "splits": {
            name: {
                "rows": len(split),
                "requested": configs[name].count,
                "unreadable": read_list(files[name], "unreadable"),
                "notes": read_list(files[name], "notes"),
                "positive": dict(
                    zip(attributes, split.labels(attributes).sum(axis=0, dtype=int).tolist(), strict=True)
                ),
                "co_occurrence": co_occurrence(split.labels(attributes)).tolist(),
            }
            for name, split in splits.items()
        },
        "raw_images": {
            folder: {"published": number, "here": counts.get(folder)} for folder, number in dataset.published.items()
        },
        "raw_files": fetch_record(config),
        "licence": dataset.licence,
        "citation": dataset.citation,
        "files": {path.name: {"sha256": sha256(path), "bytes": path.stat().st_size} for path in paths},
        "versions": {
            "numpy": np.__version__,
            "pandas": pd.__version__,
            "pillow": PIL.__version__,
            "pyarrow": pyarrow.__version__,
        },
    }


def fetch_record(config: SplitConfig) -> dict[str, dict]:
    """What `insm job fetch` recorded of a split's raw files, unless the study names a folder of its own."""
    path = RAW / load_dataset(config.dataset).name / CHECKSUMS
    return read_json(path) if config.source is None and path.exists() else {}


def page(card: dict[str, Any], image: str) -> str:
    """The card as Markdown; `image` is the name of its figure."""
    splits = card["splits"]
    counts = [[name, f"{split['rows']:,}", f"{split['requested'] - split['rows']:,}"] for name, split in splits.items()]
    fractions = [
        [name, *(cell for split in splits.values() for cell in positive_cells(split["positive"][name], split["rows"]))]
        for name in card["attributes"]
    ]
    headings = ("attribute", *(heading for name in splits for heading in (f"{name}: positive", "fraction")))
    parts = [
        f"# {card['dataset']}",
        f"{card['size']} x {card['size']} pixels, seed {card['seed']}{', true pairs' if card['paired'] else ''}.",
        table(("split", "images", "left out as unreadable"), counts),
        f"![Attributes and samples]({image})",
        "## Attributes",
        table(headings, fractions),
    ]
    if card["raw_images"]:
        rows = [
            [folder, f"{n['published']:,}", "not counted" if n["here"] is None else f"{n['here']:,}{differs(n)}"]
            for folder, n in card["raw_images"].items()
        ]
        parts += ["## Raw images", table(("folder", "published", "here"), rows)]
    for kind, heading in (("notes", "Left out, converted or assumed"), ("unreadable", "Unreadable images")):
        lines = [f"* {name}: {line}" for name, split in splits.items() for line in split[kind]]
        parts += [f"## {heading}", "\n".join(lines)] if lines else []
    if card["raw_files"]:
        rows = [[name, f["url"], f"{f['bytes']:,}", f"`{f['sha256']}`"] for name, f in card["raw_files"].items()]
        parts += ["## Raw files", table(("file", "from", "bytes", "SHA-256"), rows)]
    for heading in ("licence", "citation"):
        parts += [f"## {heading.title()}", card[heading]] if card[heading] else []
    rows = [[f"`{name}`", f"{f['bytes']:,}", f"`{f['sha256']}`"] for name, f in card["files"].items()]
    versions = ", ".join(f"{name} {version}" for name, version in card["versions"].items())
    return "\n\n".join([*parts, "## Files", table(("file", "bytes", "SHA-256"), rows), f"Made with {versions}."]) + "\n"


def positive_cells(positive: int, rows: int) -> tuple[str, str]:
    """How many rows have an attribute, as a number and in per cent."""
    return f"{positive:,}", f"{100 * positive / rows:.1f} %" if rows else ""


def differs(counts: dict[str, int]) -> str:
    """What to add where another number of images is here than published."""
    return "" if counts["here"] == counts["published"] else " (differs)"


def verify(images: Path) -> None:
    """Compare a prepared split with the card beside it.

    Raises:
        UserError: there is no card, or a file has other bytes than the card says.
    """
    path = images.with_name("card.json")
    if not path.exists():
        raise UserError(f"{path} is missing: run `snakemake {path}`, which makes the card to compare with")
    recorded, names = read_json(path)["files"], (images.name, images.with_suffix(".parquet").name)
    for name in names:
        if name not in recorded:
            raise UserError(f"{path} does not describe {name}: run `snakemake --force {path}` to make it again")
    compare(images.parent, {name: recorded[name]["sha256"] for name in names}, path)
