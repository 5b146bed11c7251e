"""Executes notebooks, and writes them and their pages so that equal results give equal bytes."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import nbformat
import papermill
from nbconvert import HTMLExporter
from papermill.exceptions import PapermillExecutionError

from insm.support import records
from insm.support.errors import UserError
from insm.support.files import write_text

TEMPLATES = files("insm.reporting") / "templates"
STYLED = re.compile('T_[0-9a-f]{5}(?=[_" {])')
ADDRESS = re.compile(" at 0x[0-9a-f]+")
UNTOLD = re.compile('alt="No description has been provided for this image"')
NOISE = ("papermill", "execution")  # metadata with times and paths


def execute(source: Path, output: Path, results: Path, data: Path, figures: Path, tasks: str) -> dict[str, str]:
    """Execute a notebook in its own folder and write it to `output`, without anything of this machine and time.

    Args:
        source: the notebook (.ipynb).
        output: its executed copy.
        results, data: folders of a study.
        figures: folder for its figures; it is made.
        tasks: comma-separated; all of the study's if empty.

    Returns:
        What the notebook opened: name in the project -> SHA-256.

    Raises:
        UserError: a cell failed.
    """
    figures.mkdir(parents=True, exist_ok=True)
    folder = source.parent
    paths = {"results": results, "data": data, "figures": figures}
    parameters = {name: Path(os.path.relpath(path, folder)).as_posix() for name, path in paths.items()}
    with opened_files() as opened:
        try:
            node = papermill.execute_notebook(
                str(source), None, parameters | {"tasks": tasks}, cwd=str(folder), progress_bar=False
            )
        except PapermillExecutionError as error:
            print("\n".join(error.traceback))
            raise UserError(f"{source}, cell {error.exec_count}: {error.ename}: {error.evalue}") from None
    write_text(output, nbformat.writes(stripped(node)) + "\n")
    return opened


@contextmanager
def opened_files() -> Iterator[dict[str, str]]:
    """While the block runs, other processes note what they open; afterwards it is in the dictionary."""
    opened: dict[str, str] = {}
    before = os.environ.get(records.OPENED)
    with NamedTemporaryFile("r", encoding="utf-8") as listing:
        os.environ[records.OPENED] = listing.name
        try:
            yield opened
        finally:
            os.environ.pop(records.OPENED)
            if before is not None:
                os.environ[records.OPENED] = before
        opened |= {name: digest for digest, _, name in (line.rstrip("\n").partition("  ") for line in listing)}


def stripped(notebook: Any) -> Any:
    """An executed notebook without times, paths, versions, and random names of cells and tables."""
    tables: dict[str, str] = {}  # pandas draws a name for each styled table
    for name in NOISE:
        notebook.metadata.pop(name, None)
    notebook.metadata["language_info"] = {"name": "python"}
    for number, cell in enumerate(notebook.cells):
        for name in NOISE:
            cell.metadata.pop(name, None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = f"injected-{number}"  # papermill draws one
        for data in (output.get("data", {}) for output in cell.get("outputs", [])):
            if "text/plain" in data:
                data["text/plain"] = ADDRESS.sub("", data["text/plain"])
            if "text/html" in data:
                data["text/html"] = STYLED.sub(
                    lambda found: tables.setdefault(found[0], f"T_{len(tables):05}"), data["text/html"]
                )
    return notebook


def write_page(notebook: Path, html: Path) -> None:
    """Write an executed notebook as a page that loads nothing from elsewhere, its code folded.

    Its title is the first heading; each figure is described by the heading above it.
    """
    with as_file(TEMPLATES) as templates:
        exporter = HTMLExporter(
            template_name="notebook",
            extra_template_basedirs=[str(templates)],
            exclude_input_prompt=True,
            exclude_output_prompt=True,
        )
        node = nbformat.read(notebook, as_version=4)
        titles = headings(node)
        page, _ = exporter.from_notebook_node(node, {"metadata": {"name": titles[0] if titles else notebook.stem}})
    figures = iter(titles[1:])
    page = UNTOLD.sub(lambda found: f'alt="Figure: {escape(next(figures, notebook.stem))}"', page)
    write_text(html, page + "\n")


def headings(notebook: Any) -> list[str]:
    """The first heading of a notebook, then for each of its figures the heading above it."""
    first, last, found = "", "", []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            texts = [line.lstrip("#").strip() for line in cell.source.splitlines() if line.startswith("#")]
            first, last = first or (texts or [""])[0], (texts or [last])[-1]
        found += [last for output in cell.get("outputs", []) if "image/png" in output.get("data", {})]
    return [first, *found] if first else []
