"""What a plain clone shows of results: executed notebooks, and the figures of README and docs."""

import base64
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd
from PIL import Image

from insm.data.dataset import load_dataset
from insm.reporting.figures import image_grid, use_style
from insm.reporting.names import settings, target_edit
from insm.reporting.notebooks import opened_files
from insm.support.errors import UserError
from insm.support.files import atomic, load_array, read_json, read_yaml, write_json, write_text
from insm.support.records import opened

SOURCES = Path("docs/figures/sources.yaml")
HASHES = Path("docs/figures/hashes.json")  # published file -> what it was made of -> SHA-256
NOTEBOOKS = Path("docs/notebooks")
LARGEST = 8_000_000  # bytes of all notebooks, so that a clone stays small
TEXT_DPI = 160  # of a figure that is drawn here, as of those that notebooks draw

Hashes = dict[str, str]  # name in the project -> SHA-256


def publish_notebooks(results: Path, folder: Path = NOTEBOOKS) -> dict[Path, Hashes]:
    """Copy a study's executed notebooks -> the copies and what each was made of.

    Args:
        results: results/<study>.
        folder: where the copies of all studies are.

    Raises:
        UserError: there is no executed notebook, or those of all studies are too large for git.
    """
    sources = sorted((results / "notebooks").glob("*.ipynb"))
    if not sources:
        raise UserError(f"{results / 'notebooks'} holds no executed notebook: run the study first")
    copies = {}
    for source in sources:
        with opened_files() as hashes:
            opened(source)
            notebook = presentable(nbformat.read(source, as_version=4))
        copy = folder / results.name / source.name
        write_text(copy, nbformat.writes(notebook) + "\n")
        copies[copy] = hashes
    for old in set((folder / results.name).glob("*.ipynb")) - copies.keys():
        old.unlink()
    size = sum(path.stat().st_size for path in folder.rglob("*.ipynb"))
    if size > LARGEST:
        raise UserError(f"the notebooks in {folder} have {size:,} bytes, more than {LARGEST:,}: show fewer studies")
    return copies


def presentable(notebook: Any) -> Any:
    """An executed notebook with its code folded, where a viewer can, and its images packed again without loss."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata["jupyter"] = {"source_hidden": True}
        for data in (output.get("data", {}) for output in cell.get("outputs", [])):
            if "image/png" in data:
                with Image.open(io.BytesIO(base64.b64decode(data["image/png"]))) as image:
                    data["image/png"] = base64.b64encode(packed(image)).decode()
    return notebook


def publish_figures(study: str, results: Path, folder: Path = SOURCES.parent) -> Iterator[tuple[Path, Hashes]]:
    """Make the figures of docs that are made of a study's results -> them and what each was made of.

    Those of which a part is not here stay as they are.

    Args:
        study: its name.
        results: the folder of all studies.
        folder: of the figures, with sources.yaml.
    """
    for name, source in read_yaml(folder / SOURCES.name)["figures"].items():
        files = files_of(source)
        if not any(file.split("/")[0] == study for file in files) or not all(
            (results / file).exists() for file in files
        ):
            continue
        with opened_files() as hashes:
            content = _drawn(source, results) if "edits" in source else _gathered(source, files, results)
        with atomic(folder / name) as part:
            part.write_bytes(content)
        yield folder / name, hashes


def note_sources(made: Mapping[Path, Hashes], kept: Path = HASHES) -> None:
    """Keep what published files were made of; those that are gone are forgotten."""
    known = (read_json(kept) if kept.exists() else {}) | {path.as_posix(): hashes for path, hashes in made.items()}
    write_json(kept, {name: hashes for name, hashes in known.items() if Path(name).exists()})


def files_of(source: str | Mapping[str, Any]) -> list[str]:
    """The files below results/ that a figure is made of."""
    if isinstance(source, str):
        return [source]
    return list(source["files"] if "files" in source else source["rows"].values())


def _gathered(source: str | Mapping[str, Any], files: Sequence[str], results: Path) -> bytes:
    """Figures that notebooks drew, as one image."""
    images = []
    for file in files:
        opened(results / file)
        with Image.open(results / file) as stream:
            images.append(flat(stream))
    columns = 1 if isinstance(source, str) else source["columns"]
    rows = [images[start : start + columns] for start in range(0, len(images), columns)]
    widths = [max(image.width for image in images[k::columns]) for k in range(columns)]
    heights = [max(image.height for image in row) for row in rows]
    sheet = Image.new("RGB", (sum(widths), sum(heights)), "white")
    for i, row in enumerate(rows):
        for k, image in enumerate(row):
            sheet.paste(image, (sum(widths[:k]), sum(heights[:i])))
    return packed(sheet)


def _drawn(source: Mapping[str, Any], results: Path) -> bytes:
    """All single edits of one test image: a row for the ground truth and for each of several trainings."""
    study, task, image = (source["edits"][key] for key in ("data", "task", "image"))
    dataset = load_dataset(settings(results / study, task)["test"]["dataset"])
    split = results.parent / "data" / study / task / "test.npy"
    table = split.with_suffix(".parquet")
    opened(table)
    labels = pd.read_parquet(table)[list(dataset.attributes)].iloc[image]
    rows = {"ground truth": f"{study}/translations/{task}/ground-truth.npy"} | source["rows"]
    targets = ["\n".join(target_edit(name, 1 - value).rsplit(" ", 1)) for name, value in labels.items()]
    first: np.ndarray = load_array(split)[image]
    grid = {name: [first, *load_array(results / file)[:, image]] for name, file in rows.items()}
    use_style()
    figure, stream = image_grid(grid, ["input", *targets]), io.BytesIO()
    figure.savefig(stream, format="png", dpi=TEXT_DPI, bbox_inches="tight")
    plt.close(figure)
    with Image.open(stream) as picture:
        return packed(picture)


def flat(image: Image.Image) -> Image.Image:
    """An image on white, without transparency."""
    page = Image.new("RGBA", image.size, "white")
    page.alpha_composite(image.convert("RGBA"))
    return page.convert("RGB")


def packed(image: Image.Image) -> bytes:
    """An image as a PNG file, as small as it gets without loss."""
    page, stream = flat(image), io.BytesIO()
    if (colours := page.getcolors(256)) is not None:
        indexed = page.quantize(len(colours), dither=Image.Dither.NONE)
        if indexed.convert("RGB").tobytes() == page.tobytes():
            page = indexed
    page.save(stream, format="PNG", optimize=True)
    return stream.getvalue()
