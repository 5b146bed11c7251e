"""The site of a study: its landing page, tables, and copies of its notebooks."""

import hashlib
import re
import subprocess

import nbformat
import pytest

from tests import ROOT

pytest.importorskip("mistune")

from insm.commands.report import report
from insm.reporting import readme_tables as readme
from insm.reporting.site import state_of
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


def test_a_study_without_images_has_no_teaser(study, notebooks, tmp_path):
    report(study, tmp_path / "site/index.html", notebooks[:1])
    assert "<img" not in (tmp_path / "site/index.html").read_text()


def test_a_broken_notebook_is_told(study, notebooks, tmp_path, complains):
    notebooks[0].write_text("{}")
    with complains("table1.ipynb is no notebook", "snakemake"):
        report(study, tmp_path / "site/index.html", notebooks)
    assert not (tmp_path / "site").exists()


def test_files_that_the_commit_lacks_are_named(study, notebooks, tmp_path, monkeypatch):
    """Changed ones and new ones, but not what a study writes: a clone alone would make other results."""
    folder = tmp_path / "clone"
    folder.mkdir()

    def git(*command):
        identity = ["-c", "user.name=me", "-c", "user.email=me@example.org"]
        subprocess.run(["git", "-C", folder, *identity, *command], check=True, capture_output=True)

    git("init")
    (folder / "a file.py").write_text("1")
    git("add", ".")
    git("commit", "-m", "one")
    monkeypatch.chdir(folder)
    (folder / "results").mkdir()
    (folder / "results/table.csv").write_text("made")
    assert state_of(folder)[1] == []
    report(study, tmp_path / "clean/index.html", notebooks)
    assert "In a clone of that commit" in (tmp_path / "clean/index.html").read_text()
    (folder / "a file.py").write_text("2")
    (folder / "config").mkdir()
    (folder / "config/own.yaml").write_text("new")
    assert sorted(state_of(folder)[1]) == ["a file.py", "config/own.yaml"]
    report(study, tmp_path / "changed/index.html", notebooks)
    page = (tmp_path / "changed/index.html").read_text()
    assert "In a clone of that commit" not in page and "<code>config/own.yaml</code>" in page


def test_the_smoke_study_can_be_reported_from_any_folder_of_results(notebooks, tmp_path, monkeypatch, complains):
    """A table that is missing is named, not left out."""
    monkeypatch.setattr(readme, "RESULTS", tmp_path)
    with complains("table1-portraits.csv", "missing"):
        report(ROOT / "config/smoke.yaml", tmp_path / "site/index.html", notebooks)
