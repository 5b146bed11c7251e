"""The site of a study: its tables, links to its notebooks and galleries, and how to make all of it again."""

import json
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import mistune
from jinja2 import Environment, PackageLoader

from insm.reporting import readme_tables as readme
from insm.reporting.provenance import Made, made_by
from insm.support.errors import UserError
from insm.support.files import atomic
from insm.support.records import opened, place_of, sha256

TEASERS = ("figure4", "figure6", "figure1", "table3")  # the first of these notebooks lends its first image


class StudySummary(NamedTuple):
    """What the page tells of the study."""

    name: str
    file: Path
    seeds: tuple[int, ...]
    tables: dict[str, list[str]]  # task -> rules that put its numbers beside the paper's
    variants: int


class Page(NamedTuple):
    """An executed notebook."""

    file: str  # of its HTML, in the site's folder
    title: str
    about: str  # its first sentence
    image: str | None  # its first, PNG in base64


def write_site(
    study: StudySummary, output: Path, notebooks: Sequence[Path], files: Sequence[Path], galleries: Sequence[Path]
) -> None:
    """Write `output` (.../index.html), and beside it the HTML copies of the executed notebooks.

    Args:
        study: of the results.
        output: the landing page.
        notebooks: executed (.ipynb), each with an HTML copy beside it.
        files: results to list with their SHA-256, record, and the commit of the code that made them.
        galleries: pages of images beside `output`.

    Raises:
        UserError: a notebook or a table is missing, or a file has other bytes than its record says.
    """
    pages = [page_of(notebook) for notebook in notebooks]
    for notebook, page in zip(notebooks, pages, strict=True):
        opened(notebook.with_suffix(".html"))
        with atomic(output.with_name(page.file)) as part:
            shutil.copyfile(notebook.with_suffix(".html"), part)
    shown = {page.file.removesuffix(".html"): page for page in pages if page.image}
    teaser = next((shown[name] for name in TEASERS if name in shown), None)
    made = made_by(place.records) if (place := place_of(output)) else {}
    environment = Environment(loader=PackageLoader("insm.reporting"), autoescape=True, trim_blocks=True)
    content = environment.get_template("report.html").render(
        name=study.name,
        tasks=list(study.tables),
        seeds=study.seeds,
        variants=study.variants,
        teaser=teaser and {"page": teaser.file, "image": teaser.image, "title": teaser.title},
        tables=tables_of(study),
        pages=pages,
        galleries={path.name: path.stem.removeprefix("gallery-") for path in galleries},
        study=study.file,
        study_sum=sha256(study.file),
        content=study.file.read_text(encoding="utf-8"),
        command=f"snakemake --config study={study.file}",
        files=[listed(path, output, made) for path in files],
    )
    with atomic(output) as part:
        part.write_text(content, encoding="utf-8")


def page_of(notebook: Path) -> Page:
    """What the landing page tells of an executed notebook.

    Raises:
        UserError: it is missing, no notebook, or has other bytes than its record says.
    """
    opened(notebook)
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{notebook} is no notebook ({type(error).__name__}): run `snakemake {notebook}`") from None
    head, text, *_ = [*"".join(cells[0]["source"]).split("\n\n"), ""]
    sentence = re.split(r"(?<=\.)(?<!Eq\.)(?<!al\.)\s+(?=[A-Z])", " ".join(text.split()), maxsplit=1)[0]
    about = re.sub(r"[*`]", "", sentence).removesuffix(":")
    return Page(f"{notebook.stem}.html", head.lstrip("# "), about, first_image(cells))


def first_image(cells: list[dict[str, Any]]) -> str | None:
    """The first PNG among the outputs of cells, in base64."""
    outputs = (output.get("data", {}) for cell in cells for output in cell.get("outputs", []))
    return next((data["image/png"].replace("\n", "") for data in outputs if "image/png" in data), None)


def tables_of(study: StudySummary) -> list[dict[str, str]]:
    """The tables of every task: beside the paper's where it has such images, and all metrics in any case."""
    markdown, tables = mistune.create_markdown(plugins=["table"]), []
    for task, rules in study.tables.items():
        texts = {}
        if "table1" in rules:
            texts[f"Single edits of {task}"] = readme.faces(study.name, task)
        if "table2" in rules:
            texts[f"Two domains: {task}"] = readme.domains(study.name, task)
        texts[f"All metrics of {task}"] = readme.all_metrics(study.name, task)
        tables += [{"title": title, "html": str(markdown(text))} for title, text in texts.items()]
    return tables


def listed(file: Path, page: Path, made: dict[str, Made]) -> dict[str, Any]:
    """A result as the page lists it: its hash, its record, and the commit of the code that made it."""
    found = made.get(place.name) if (place := place_of(file)) else None
    code, digest = found.content["code"] if found else {}, sha256(file)
    opened(file, digest)
    return {
        "name": file,
        "sum": digest,
        "record": os.path.relpath(found.path, page.parent) if found else None,
        "commit": code.get("commit") or "",
        "changed": code.get("changed", False),
    }
