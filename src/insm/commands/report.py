"""`insm report`: a site of a study's executed notebooks, with a landing page."""

import json
import platform
import re
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import mistune
import typer
from jinja2 import Environment, PackageLoader

from insm.config.study import Study, load_study
from insm.data.checksums import sha256
from insm.reporting import readme_tables as readme
from insm.support.errors import UserError
from insm.support.files import atomic

PACKAGES = ("torch", "torchvision", "numpy", "pandas", "snakemake", "dvc")
TEASERS = ("figure4", "figure6", "figure1", "table3")  # the first of these notebooks lends its first image


class Page(NamedTuple):
    """An executed notebook."""

    file: str  # of its HTML, in the site's folder
    title: str
    about: str  # its first sentence
    image: str | None  # its first, PNG in base64


def report(
    study: Path,
    output: Path,
    notebooks: list[Path],
    file: Annotated[list[Path] | None, typer.Option(help="A result to list; may be repeated.")] = None,
    gallery: Annotated[list[Path] | None, typer.Option(help="A page of images beside OUTPUT; may be repeated.")] = None,
) -> None:
    """Write OUTPUT (.../index.html), and beside it the HTML copies of the executed NOTEBOOKS (.ipynb) of STUDY (.yaml).

    Every --file is listed with its SHA-256 and the command that makes it again.
    """
    checked = load_study(study)
    pages = [page_of(notebook) for notebook in notebooks]
    for notebook, page in zip(notebooks, pages, strict=True):
        with atomic(output.with_name(page.file)) as part:
            shutil.copyfile(notebook.with_suffix(".html"), part)
    shown = {page.file.removesuffix(".html"): page for page in pages if page.image}
    teaser = next((shown[name] for name in TEASERS if name in shown), None)
    content = Environment(loader=PackageLoader("insm.reporting"), autoescape=True, trim_blocks=True).get_template(
        "report.html"
    )
    with atomic(output) as part:
        part.write_text(
            content.render(
                name=checked.name,
                tasks=list(checked.tasks),
                seeds=checked.seeds,
                variants=sum(len(task.methods) for task in checked.tasks.values()),
                teaser=teaser and {"page": teaser.file, "image": teaser.image, "title": teaser.title},
                tables=tables_of(checked),
                pages=pages,
                galleries={path.name: path.stem.removeprefix("gallery-") for path in gallery or ()},
                commit=commit(),
                study=study,
                study_sum=sha256(study),
                content=study.read_text(),
                command=f"snakemake --config study={study}",
                python=platform.python_version(),
                versions=", ".join(f"{name} {version(name)}" for name in PACKAGES),
                files=[(path, sha256(path)) for path in file or ()],
            )
        )


def page_of(notebook: Path) -> Page:
    """What the landing page tells of an executed notebook.

    Raises:
        UserError: it is missing or no notebook.
    """
    try:
        cells = json.loads(notebook.read_text())["cells"]
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


def tables_of(study: Study) -> list[dict[str, str]]:
    """The headline tables of a study's tasks, as README has them."""
    markdown, tables = mistune.create_markdown(plugins=["table"]), []
    for task in study.tasks:
        folder = readme.RESULTS / study.name / "tables"
        if (folder / f"table1-{task}.csv").exists():
            tables.append({"title": f"Single edits of {task}", "html": str(markdown(readme.faces(study.name, task)))})
        if (folder / f"table2-{task}.csv").exists():
            tables.append({"title": f"Two domains: {task}", "html": str(markdown(readme.domains(study.name, task)))})
    return tables


def commit() -> str:
    """The commit that is checked out, and whether files differ from it."""
    revision, changes = (
        subprocess.run(["git", *command], capture_output=True, text=True).stdout.strip()
        for command in (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
    )
    return (revision or "unknown") + (" with changes" if changes else "")
