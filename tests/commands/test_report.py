"""The site of a study: its landing page, tables, and copies of its notebooks."""

import hashlib
import json
import re

import nbformat
import pandas as pd
import pytest
import torch

from tests import ROOT

pytest.importorskip("mistune")

from insm.commands.report import report
from insm.config.plan import plan_of
from insm.config.study import load_study
from insm.reporting import readme_tables as readme
from insm.reporting.tables import write_table
from insm.support import records
from insm.support.files import write_json, write_text
from insm.support.recording import recording
from insm.support.workflow import PLAN
from tests.reporting.small_study import FULL, PLAIN, write_study

PIXEL = "iVBORw0KGgo="
OWN = """
name: results
seeds: [0]
tasks:
  mine:
    data: { dataset: "folder:Hat,Male", size: 32, train: 64, test: 8 }
    training: { updates: 1, batch: 4 }
    methods: [plain]
  one:
    data: { dataset: vistas, size: 32, train: 64, test: 8 }
    training: { updates: 1, batch: 4 }
    methods: [plain]
methods:
  plain: { method: stargan, generator: { width: 8, downs: 1, blocks: 1 }, discriminator: { width: 4 } }
"""


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
def study(tmp_path, monkeypatch):
    """The file of a study with two tasks, one of which has a table in the paper, and its results."""
    write_study(tmp_path, {"mine": "folder:Hat,Male", "one": "vistas"}, (FULL, PLAIN))
    monkeypatch.setattr(readme, "RESULTS", tmp_path)
    file = tmp_path / "own.yaml"
    file.write_text(OWN)
    write_json(tmp_path / "plan.json", plan_of(load_study(file)))
    monkeypatch.setenv(PLAN, str(tmp_path / "plan.json"))
    return file


def test_the_landing_page_tells_everything(study, notebooks, tmp_path):
    file = tmp_path / "results/tables/metrics.csv"
    report(study, tmp_path / "site/index.html", notebooks, [file])
    page = (tmp_path / "site/index.html").read_text()
    for notebook in notebooks:
        assert (tmp_path / "site" / f"{notebook.stem}.html").read_text() == f"<p>{notebook.stem}</p>"
        assert f'href="{notebook.stem}.html"' in page
    assert "Table 1: accuracy</a><p>All of them, by group (Eq. 7).</p>" in page and "One face &lt;3." in page
    assert f'src="data:image/png;base64,{PIXEL}"' in page
    assert f"snakemake --config study={study} -- FILE" in page
    for known in (file, study):
        assert hashlib.sha256(known.read_bytes()).hexdigest() in page
    assert str(file) in page and "name: results" in page, "the whole study file"
    assert not re.search("(src|href)=[\"']?(https?:)?//", page), "nothing is loaded from elsewhere"


def test_every_task_has_a_table_of_all_its_metrics(study, notebooks, tmp_path):
    """A task of one's own too, which the paper has no table for; a metric that is new is a column."""
    report(study, tmp_path / "site/index.html", notebooks)
    page = (tmp_path / "site/index.html").read_text()
    heads = re.findall("<h2>(.*?)</h2>", page)
    assert heads[:3] == ["All metrics of mine", "Two domains: one", "All metrics of one"]
    table = page.split("<h2>All metrics of mine</h2>")[1].split("</table>")[0]
    for text in ("accuracy %", "Frechet B", "sharpness", "(c) INIT", "(d) w/o MST", "no edit", "majority"):
        assert text in table
    assert re.search(r"<td[^>]*>\d+\.\d \(\d+\.\d to \d+\.\d\)</td>", table), "means with intervals"


def test_tasks_are_shown_that_are_named(study, notebooks, tmp_path):
    """Those with finished runs, where there are others of which nothing is measured yet."""
    (tmp_path / "results/tables/intervals-mine.csv").unlink()
    report(study, tmp_path / "site/index.html", notebooks, tasks="one")
    heads = re.findall("<h2>(.*?)</h2>", (tmp_path / "site/index.html").read_text())
    assert heads[:2] == ["Two domains: one", "All metrics of one"]


def test_a_study_without_images_has_no_teaser(study, notebooks, tmp_path):
    report(study, tmp_path / "site/index.html", notebooks[:1])
    assert "<img" not in (tmp_path / "site/index.html").read_text()


def test_a_broken_notebook_is_told(study, notebooks, tmp_path, complains):
    notebooks[0].write_text("{}")
    with complains("table1.ipynb is no notebook", "snakemake"):
        report(study, tmp_path / "site/index.html", notebooks)
    assert not (tmp_path / "site").exists()


def test_results_are_listed_with_the_code_that_made_them(study, notebooks, tmp_path, monkeypatch):
    """Each by its record: the page holds neither the commit nor the versions of the moment."""
    (tmp_path / "Snakefile").touch()
    monkeypatch.chdir(tmp_path)
    table = tmp_path / "results/own/tables/a.csv"
    with recording(["job", "make"]):
        write_table(pd.DataFrame({"a": [1]}), table)
    record = tmp_path / "results/own/provenance/tables/a.csv.json"
    content = json.loads(record.read_text())
    record.write_text(json.dumps(content | {"code": {"commit": "c0ffee" * 6, "changed": True, "sha256": "1"}}))
    report(study, tmp_path / "results/own/report/index.html", notebooks, [table])
    page = (tmp_path / "results/own/report/index.html").read_text()
    assert 'href="../provenance/tables/a.csv.json"' in page
    assert "<code>c0ffeec0ffee</code>, changed" in page
    assert torch.__version__ not in page


def test_the_record_names_notebooks_pages_and_listed_results(study, notebooks, tmp_path, monkeypatch, complains):
    (tmp_path / "Snakefile").touch()
    monkeypatch.chdir(tmp_path)
    made = [tmp_path / "results/own/notebooks" / path.name for path in notebooks]
    table = tmp_path / "results/own/tables/a.csv"
    with recording(["job", "notebook"]):
        write_table(pd.DataFrame({"a": [1]}), table)
        for path, copy in zip(notebooks, made, strict=True):
            write_text(copy, path.read_text())
            write_text(copy.with_suffix(".html"), "<p>")
    with recording(["report"]):
        report(study, tmp_path / "results/own/report/index.html", made, [table])
    record = json.loads((tmp_path / "results/own/provenance/report/figure4.html.json").read_text())
    read = [table, *made, *(path.with_suffix(".html") for path in made)]
    assert {path.relative_to(tmp_path).as_posix() for path in read} <= record["inputs"].keys()
    for path in read:
        content = path.read_bytes()
        path.write_bytes(content + b" ")
        records._index.cache_clear()
        with complains(path, "other bytes"):
            report(study, tmp_path / "results/own/report/index.html", made, [table])
        path.write_bytes(content)


def test_the_smoke_study_can_be_reported_from_any_folder_of_results(notebooks, tmp_path, monkeypatch, complains):
    """A table that is missing is named, not left out."""
    monkeypatch.setattr(readme, "RESULTS", tmp_path)
    monkeypatch.setenv(PLAN, "")  # and is put back as it was
    monkeypatch.delenv(PLAN)
    with complains("table1-portraits.csv", "missing"):
        report(ROOT / "config/smoke.yaml", tmp_path / "site/index.html", notebooks)
