"""Data cards: what a task's packs hold, as numbers and as a page. Equal packs give equal bytes."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import PIL
import pyarrow

from insm.config import PackConfig
from insm.datasets import Dataset
from insm.errors import UserError
from insm.files import read_json
from insm.markdown import table
from insm.pack import Pack, read_broken
from insm.sums import compare, sha256


def together(bits: np.ndarray) -> np.ndarray:
    """Bits [N, A] -> [A, A]: the number of rows where both are 1; how often each is, on the diagonal."""
    counts = bits.astype(np.int64)
    return counts.T @ counts


def describe(
    config: PackConfig,
    dataset: Dataset,
    packs: dict[str, Path],
    opened: dict[str, Pack],
    asked: dict[str, int],
    fetched: dict[str, dict],
) -> dict:
    """The card's numbers.

    Args:
        config: settings of one of the packs.
        packs: split -> its .npy file.
        opened: the same, opened.
        asked: split -> rows that the study asks for: more than there are where broken pictures were left out.
        fetched: original file -> its bytes, sha256 and url, as `fetch` recorded them.
    """
    names = dataset.attributes
    files = [path for images in packs.values() for path in (images, images.with_suffix(".parquet"))]
    found = dataset.census(config.source) if config.source else {}
    return {
        "dataset": config.dataset,
        "size": config.size,
        "seed": config.seed,
        "paired": dataset.paired,
        "attributes": list(names),
        "splits": {
            split: {
                "rows": len(pack),
                "asked": asked[split],
                "broken": read_broken(packs[split]),
                "ones": dict(zip(names, pack.labels(names).sum(axis=0, dtype=int).tolist(), strict=True)),
                "together": together(pack.labels(names)).tolist(),
            }
            for split, pack in opened.items()
        },
        "originals": {
            name: {"published": number, "found": found.get(name)} for name, number in dataset.published.items()
        },
        "sources": fetched,
        "licence": dataset.licence,
        "citation": dataset.citation,
        "files": {path.name: {"sha256": sha256(path), "bytes": path.stat().st_size} for path in files},
        "versions": {
            "numpy": np.__version__,
            "pandas": pd.__version__,
            "pillow": PIL.__version__,
            "pyarrow": pyarrow.__version__,
        },
    }


def page(card: dict[str, Any], picture: str) -> str:
    """The card as Markdown; `picture` is the name of its figure."""
    splits = card["splits"]
    counts = [
        [split, f"{numbers['rows']:,}", f"{numbers['asked'] - numbers['rows']:,}"] for split, numbers in splits.items()
    ]
    shares = [
        [name, *(cell for s in splits.values() for cell in (f"{s['ones'][name]:,}", share(s["ones"][name], s["rows"])))]
        for name in card["attributes"]
    ]
    parts = [
        f"# {card['dataset']}",
        f"{card['size']} x {card['size']} pixels, seed {card['seed']}{', true pairs' if card['paired'] else ''}.",
        table(("split", "pictures", "left out as broken"), counts),
        f"![Attributes and samples]({picture})",
        "## Attributes",
        table(("attribute", *(head for split in splits for head in (f"{split}: ones", "share"))), shares),
    ]
    if card["originals"]:
        rows = [
            [name, f"{n['published']:,}", "not counted" if n["found"] is None else f"{n['found']:,}{differs(n)}"]
            for name, n in card["originals"].items()
        ]
        parts += ["## Original pictures", table(("folder", "published", "here"), rows)]
    broken = [f"* {split}: {reason}" for split, numbers in splits.items() for reason in numbers["broken"]]
    parts += ["## Broken pictures", "\n".join(broken)] if broken else []
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
    """What to add where another number of pictures was found than published."""
    return "" if numbers["found"] == numbers["published"] else " (differs)"


def verify(images: Path) -> None:
    """Compare a pack with the card beside it.

    Raises:
        UserError: there is no card, or a file has other bytes than the card says.
    """
    path = images.with_name("card.json")
    if not path.exists():
        raise UserError(f"{path} is missing: run `snakemake {path}`, which makes the card that packs are checked by")
    known, names = read_json(path)["files"], (images.name, images.with_suffix(".parquet").name)
    for name in names:
        if name not in known:
            raise UserError(f"{path} does not know {name}: delete it and run `snakemake {path}`")
    compare(images.parent, {name: known[name]["sha256"] for name in names}, path)
