"""The report's landing page and a notebook's page in a browser."""

import json
import shutil
from contextlib import chdir
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter

from insm.commands.jobs.variants import variants
from insm.commands.report import report
from insm.config.plan import variants_of
from insm.config.study import load_study
from tests import ROOT

STUDY = Path("config/full.yaml")  # its tables are in git


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    html = "<table><thead><tr><th>method</th><th>accuracy</th></tr></thead><tr><th>INIT</th><td>1</td></tr></table>"
    cells = [
        nbformat.v4.new_markdown_cell("# A table\n\nIt has a row."),
        nbformat.v4.new_code_cell("show()", outputs=[nbformat.v4.new_output("display_data", {"text/html": html})]),
    ]
    book = nbformat.v4.new_notebook(cells=cells, metadata={"title": "A table"})
    nbformat.write(book, folder / "table1.ipynb")
    templates = [str(ROOT / "src/insm/reporting/templates")]
    exporter = HTMLExporter(template_name="notebook", extra_template_basedirs=templates, exclude_input_prompt=True)
    (folder / "table1.html").write_text(exporter.from_notebook_node(book)[0])
    for part in ("config", "results/full/tables"):
        shutil.copytree(ROOT / part, folder / part)
    with chdir(folder):
        study = load_study(STUDY)
        for task in study.tasks:
            named = Path("results/full/config", task)
            content = json.dumps({"variants": variants_of(study, task), "settings": {}})
            variants(content, named / "variants.csv", named / "settings.json")
        report(STUDY, Path("site/index.html"), [folder / "table1.ipynb"], gallery=[Path("site/gallery-faces.html")])
    return folder / "site"


def test_the_landing_page(page, site, accessible, shoot):
    page.goto((site / "index.html").as_uri())
    accessible(page)
    shoot(page, "report-1200")
    assert page.get_attribute("text=Images of faces", "href") == "gallery-faces.html"
    assert page.get_attribute("text=best, worst and missed edits", "href") == "gallery-faces.html#cases-title"
    assert page.get_attribute("text=learning curves", "href") == "gallery-faces.html#curves-title"
    assert page.locator("table").count() >= 3


def test_the_landing_page_on_a_phone(phone, site, accessible, shoot):
    phone.goto((site / "index.html").as_uri())
    accessible(phone)
    shoot(phone, "report-360")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_notebook_s_page_shows_results_and_folds_code(page, site, accessible):
    page.goto((site / "table1.html").as_uri())
    accessible(page)
    assert page.is_visible("text=accuracy") and page.is_hidden("text=show()")
    page.click("text=Code")
    assert page.is_visible("text=show()")
    page.click("text=Back to the report")
    assert page.url.endswith("index.html")
