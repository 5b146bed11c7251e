"""Executed notebooks and their pages: equal results give equal bytes."""

import base64
import json
import re
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("papermill")

from insm.reporting.notebooks import execute, write_page
from insm.support import records

SOURCE = """
import pandas as pd
from IPython.display import display
from insm.support.files import read_json
display(pd.DataFrame({"a": [1]}).style)
print(read_json(__import__("pathlib").Path(results, "numbers.json")), tasks)
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A function that makes a project of one notebook in a folder, the working directory -> the notebook."""

    def make(name, source=SOURCE):
        folder = tmp_path / name
        (folder / "results/tiny").mkdir(parents=True)
        (folder / "Snakefile").touch()
        (folder / "results/tiny/numbers.json").write_text("[1, 2]")
        parameters = nbformat.v4.new_code_cell(
            'results = data = figures = tasks = ""', id="b", metadata={"tags": ["parameters"]}
        )
        cells = [nbformat.v4.new_markdown_cell("# One", id="a"), parameters, nbformat.v4.new_code_cell(source, id="c")]
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        (folder / "notebooks").mkdir()
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), folder / "notebooks/one.ipynb")
        monkeypatch.chdir(folder)
        return Path("notebooks/one.ipynb")

    return make


def run(source):
    results = Path("results/tiny")
    output = results / "notebooks/one.ipynb"
    opened = execute(source, output, results, Path("data/tiny"), results / "figures/one", "land")
    write_page(output, output.with_suffix(".html"))
    return output.read_bytes(), output.with_suffix(".html").read_bytes(), opened


@pytest.mark.slow
def test_two_executions_in_two_folders_give_the_same_bytes(project, tmp_path):
    """Whatever the time, the folder, and the names that papermill and pandas draw."""
    notebook, page, opened = run(project("first"))
    assert (notebook, page, opened) == run(project("second folder"))
    assert opened == {"results/tiny/numbers.json": records.sha256(Path("results/tiny/numbers.json"))}
    content = json.loads(notebook)
    assert content["metadata"].keys() == {"kernelspec", "language_info"}
    assert "[1, 2] land" in notebook.decode() and str(tmp_path) not in notebook.decode()
    assert b"<summary>Code</summary>" in page, "code is folded"
    assert b"<title>One</title>" in page and not re.findall(rb'<(?:script|img|link)[^>]* (?:src|href)="?https?:', page)


def test_every_figure_is_described_by_the_heading_above_it(tmp_path):
    def drawn():
        image = base64.b64encode(b"no image").decode()
        output = nbformat.v4.new_output("display_data", {"image/png": image})
        return nbformat.v4.new_code_cell("draw()", outputs=[output])

    heading = nbformat.v4.new_markdown_cell
    cells = [
        heading("# Title\n\n## First & foremost"),
        drawn(),
        heading("no heading"),
        drawn(),
        heading("### Last"),
        drawn(),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "n.ipynb")
    write_page(tmp_path / "n.ipynb", tmp_path / "n.html")
    told = re.findall('alt="([^"]*)"', (tmp_path / "n.html").read_text())
    assert told == ["Figure: First &amp; foremost", "Figure: First &amp; foremost", "Figure: Last"]


def test_a_cell_that_fails_is_named(project, complains):
    source = project("failing", "1 / 0")
    with complains("notebooks/one.ipynb, cell", "ZeroDivisionError: division by zero"):
        run(source)
