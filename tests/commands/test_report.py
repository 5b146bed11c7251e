"""The site of a study: its landing page and copies of its notebooks."""

import hashlib
import re

import nbformat
import pytest

from tests import ROOT

pytest.importorskip("mistune")

from insm.commands.report import report
from insm.reporting import readme_tables as readme

STUDY = ROOT / "config/smoke.yaml"
PIXEL = "iVBORw0KGgo="


@pytest.fixture
def notebooks(tmp_path):
    """Two executed notebooks with their HTML copies."""
    cells = {
        "table1": [nbformat.v4.new_markdown_cell("# Table 1: accuracy\n\nAll of *them*,\nby group (Eq. 7). More.")],
        "figure4": [
            nbformat.v4.new_markdown_cell("# Figure 4\n\nOne face <3."),
            nbformat.v4.new_code_cell(
                "draw()", outputs=[nbformat.v4.new_output("display_data", {"image/png": f"{PIXEL}\n"})]
            ),
        ],
    }
    for name, content in cells.items():
        nbformat.write(nbformat.v4.new_notebook(cells=content), tmp_path / f"{name}.ipynb")
        (tmp_path / f"{name}.html").write_text(f"<p>{name}</p>")
    return [tmp_path / f"{name}.ipynb" for name in cells]


@pytest.fixture
def tables(tmp_path, monkeypatch):
    """A study of which one table was written."""
    monkeypatch.setattr(readme, "RESULTS", tmp_path)
    (tmp_path / "smoke/tables").mkdir(parents=True)
    monkeypatch.setattr(readme, "domains", lambda study, task: f"| | {study} {task} |\n|:--|--:|\n| real | 1 |\n")
    (tmp_path / "smoke/tables/table2-vistas.csv").write_text("")
    return tmp_path / "smoke/tables"


def test_the_landing_page_tells_everything(notebooks, tables, tmp_path):
    file = tables / "table2-vistas.csv"
    report(STUDY, tmp_path / "site/index.html", notebooks, [file])
    page = (tmp_path / "site/index.html").read_text()
    for notebook in notebooks:
        assert (tmp_path / "site" / f"{notebook.stem}.html").read_text() == f"<p>{notebook.stem}</p>"
        assert f'href="{notebook.stem}.html"' in page
    assert "Table 1: accuracy</a><p>All of them, by group (Eq. 7).</p>" in page and "One face &lt;3." in page
    assert f'src="data:image/png;base64,{PIXEL}"' in page
    assert re.search("<h2>Two domains: vistas</h2>.*<table>.*smoke vistas.*<td[^>]*>real</td>", page, re.DOTALL)
    assert f"snakemake --config study={STUDY} -- FILE" in page
    for known in (file, STUDY):
        assert hashlib.sha256(known.read_bytes()).hexdigest() in page
    assert str(file) in page and "lambda_l1: 100" in page, "the whole study file"
    assert not re.search("(src|href)=[\"']?(https?:)?//", page), "nothing is loaded from elsewhere"


def test_a_study_without_images_has_no_teaser(notebooks, tables, tmp_path):
    report(STUDY, tmp_path / "site/index.html", notebooks[:1])
    assert "<img" not in (tmp_path / "site/index.html").read_text()


def test_pages_of_images_are_linked(notebooks, tables, tmp_path):
    report(STUDY, tmp_path / "site/index.html", notebooks, gallery=[tmp_path / "site/gallery-faces.html"])
    assert '<a href="gallery-faces.html">Images of faces</a>' in (tmp_path / "site/index.html").read_text()


def test_a_broken_notebook_is_told(notebooks, tables, tmp_path, complains):
    notebooks[0].write_text("{}")
    with complains("table1.ipynb is no notebook", "snakemake"):
        report(STUDY, tmp_path / "site/index.html", notebooks)
    assert not (tmp_path / "site").exists()
