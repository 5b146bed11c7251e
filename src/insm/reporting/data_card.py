"""Data cards: what a task's prepared splits hold, as numbers and as a page. Equal prepared splits give equal bytes."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import PIL
import pyarrow

from insm.data.checksums import compare, sha256
from insm.data.dataset import load_dataset
from insm.data.lazy_split import read_broken
from insm.data.prepared_split import PreparedSplit
from insm.data.raw_files import CHECKSUMS, RAW, raw_folder
from insm.data.settings import SplitConfig
from insm.reporting.markdown import table
from insm.support.errors import UserError
from insm.support.files import read_json


def together(labels: np.ndarray) -> np.ndarray:
    """Labels [N, A] -> [A, A]: the number of rows where both are 1; how often each is, on the diagonal."""
    counts = labels.astype(np.int64)
    return counts.T @ counts


def describe(
    configs: dict[str, SplitConfig], files: dict[str, Path], opened: dict[str, PreparedSplit]
) -> tuple[dict, tuple[str, ...]]:
    """The card's numbers, and the attributes in order.

    Args:
        configs: split -> its settings.
        files: split -> its .npy file.
        opened: the same, opened.
    """
    config = configs["train"]
    dataset, fetched = load_dataset(config.dataset), fetch_record(config)
    source = raw_folder(config) if dataset.published else config.source
    names = dataset.attributes
    paths = [path for images in files.values() for path in (images, images.with_suffix(".parquet"))]
    found = dataset.census(source) if source else {}
    card = {
        "dataset": config.dataset,
        "size": config.size,
        "seed": config.seed,
        "paired": dataset.paired,
        "attributes": list(names),
        "splits": {
            split: {
                "rows": len(prepared),
                "requested": configs[split].count,
                "broken": read_broken(files[split]),
                "ones": dict(zip(names, prepared.labels(names).sum(axis=0, dtype=int).tolist(), strict=True)),
                "together": together(prepared.labels(names)).tolist(),
            }
            for split, prepared in opened.items()
        },
        "originals": {
            name: {"published": number, "found": found.get(name)} for name, number in dataset.published.items()
        },
        "sources": fetched,
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
    return card, names


def fetch_record(config: SplitConfig) -> dict[str, dict]:
    """What `insm job fetch` recorded of a split's raw files, unless the study names a folder of its own."""
    path = RAW / load_dataset(config.dataset).name / CHECKSUMS
    return read_json(path) if config.source is None and path.exists() else {}


def page(card: dict[str, Any], image: str) -> str:
    """The card as Markdown; `image` is the name of its figure."""
    splits = card["splits"]
    counts = [
        [split, f"{numbers['rows']:,}", f"{numbers['requested'] - numbers['rows']:,}"] for split, numbers in splits.items()
    ]
    shares = [
        [name, *(cell for s in splits.values() for cell in (f"{s['ones'][name]:,}", share(s["ones"][name], s["rows"])))]
        for name in card["attributes"]
    ]
    parts = [
        f"# {card['dataset']}",
        f"{card['size']} x {card['size']} pixels, seed {card['seed']}{', true pairs' if card['paired'] else ''}.",
        table(("split", "images", "left out as broken"), counts),
        f"![Attributes and samples]({image})",
        "## Attributes",
        table(("attribute", *(head for split in splits for head in (f"{split}: ones", "share"))), shares),
    ]
    if card["originals"]:
        rows = [
            [name, f"{n['published']:,}", "not counted" if n["found"] is None else f"{n['found']:,}{differs(n)}"]
            for name, n in card["originals"].items()
        ]
        parts += ["## Original images", table(("folder", "published", "here"), rows)]
    broken = [f"* {split}: {reason}" for split, numbers in splits.items() for reason in numbers["broken"]]
    parts += ["## Broken images", "\n".join(broken)] if broken else []
    if card["sources"]:
        rows = [[name, f["url"], f"{f['bytes']:,}", f"`{f['sha256']}`"] for name, f in card["sources"].items()]
        parts += ["## Original files", table(("file", "from", "bytes", "SHA-256"), rows)]
    for head in ("licence", "citation"):
        parts += [f"## {head.title()}", card[head]] if card[head] else []
    rows = [[f"`{name}`", f"{f['bytes']:,}", f"`{f['sha256']}`"] for name, f in card["files"].items()]
    made = ", ".join(f"{name} {version}" for name, version in card["versions"].items())
    return "\n\n".join([*parts, "## Files", table(("file", "bytes", "SHA-256"), rows), f"Made with {made}."]) + "\n"


def share(ones: int, rows: int) -> str:
    """A part of the rows in per cent."""
    return f"{100 * ones / rows:.1f} %" if rows else ""


def differs(numbers: dict[str, int]) -> str:
    """What to add where another number of images was found than published."""
    return "" if numbers["found"] == numbers["published"] else " (differs)"


def verify(images: Path) -> None:
    """Compare a prepared split with the card beside it.

    Raises:
        UserError: there is no card, or a file has other bytes than the card says.
    """
    path = images.with_name("card.json")
    if not path.exists():
        raise UserError(f"{path} is missing: run `snakemake {path}`, which makes the card that prepared splits are checked by")
    known, names = read_json(path)["files"], (images.name, images.with_suffix(".parquet").name)
    for name in names:
        if name not in known:
            raise UserError(f"{path} does not know {name}: delete it and run `snakemake {path}`")
    compare(images.parent, {name: known[name]["sha256"] for name in names}, path)
