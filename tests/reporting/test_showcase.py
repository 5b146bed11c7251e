"""What a plain clone shows: executed notebooks, and figures of docs that are made of results by a rule."""

import base64
import io
import re

import nbformat
import numpy as np
import pytest
import yaml
from PIL import Image

from insm.commands.showcase import showcase
from insm.reporting import showcase as shown
from insm.reporting.showcase import HASHES, LARGEST, NOTEBOOKS, SOURCES, files_of, packed, publish_notebooks
from insm.support.files import read_json, read_yaml, write_json
from insm.support.records import records_in, sha256
from tests import ROOT
from tests.reporting.small_study import FULL, OTHER, write_study

SOURCE = read_yaml(ROOT / SOURCES)


def outdated(project):
    """What docs show of studies with records in git, but made of other files than those records name, or not made."""
    recorded = {}
    for folder in project.glob("results/*/provenance"):
        for record in records_in(folder).values():
            recorded |= record["outputs"]
    sources, hashes = read_yaml(project / SOURCES), read_json(project / HASHES)
    wanted = {f"docs/figures/{name}": files_of(source) for name, source in sources["figures"].items()}
    wanted = {name: [f"results/{file}" for file in files] for name, files in wanted.items()}
    for name in recorded:
        _, study, kind, *_ = name.split("/")
        if kind == "notebooks" and study in sources["notebooks"] and name.endswith(".ipynb"):
            wanted[f"{NOTEBOOKS}/{study}/{name.rsplit('/')[-1]}"] = [name]
    missing = {name for name, files in wanted.items() if set(files) <= recorded.keys()} - hashes.keys()
    other = {
        name for name, made in hashes.items() for file, digest in made.items() if recorded.get(file, digest) != digest
    }
    return missing | other


def png(image):
    stream = io.BytesIO()
    image.save(stream, format="PNG")
    return stream.getvalue()


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Results of a study with one executed notebook and two figures; the working directory."""
    monkeypatch.chdir(tmp_path)
    write_study(tmp_path / "made", {"faces": "portraits"}, (FULL, OTHER))
    for kind in ("results", "data"):
        (tmp_path / kind).mkdir()
        (tmp_path / "made" / kind).rename(tmp_path / kind / "one")
    noise = np.random.default_rng(0).integers(0, 256, (40, 30, 4), dtype=np.uint8)
    folder = tmp_path / "results/one/figures"
    folder.mkdir()
    Image.fromarray(noise).save(folder / "a.png")
    Image.new("RGBA", (10, 20), (255, 0, 0, 255)).save(folder / "b.png")
    image = {"image/png": base64.b64encode(png(Image.fromarray(noise))).decode()}
    (tmp_path / "Snakefile").touch()
    cell = nbformat.v4.new_code_cell("1", id="a", outputs=[nbformat.v4.new_output("display_data", image)])
    (tmp_path / "results/one/notebooks").mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "results/one/notebooks/n.ipynb")
    sources = {
        "notebooks": ["one"],
        "figures": {
            "single.png": "one/figures/b.png",
            "grid.png": {"columns": 2, "files": ["one/figures/a.png", "one/figures/b.png", "one/figures/b.png"]},
            "edits.png": {
                "edits": {"data": "one", "task": "faces", "image": 0},
                "rows": {"INIT": "one/translations/faces/full/seed0.npy"},
            },
            "elsewhere.png": "two/figures/a.png",
            "half.png": {"columns": 1, "files": ["one/figures/a.png", "two/figures/a.png"]},
        },
    }
    (tmp_path / SOURCES).parent.mkdir(parents=True)
    (tmp_path / SOURCES).write_text(yaml.safe_dump(sources))
    return tmp_path


def test_figures_are_made_of_what_is_here(project):
    showcase(project / "results/one")
    made = {path.name: Image.open(path) for path in (project / "docs/figures").glob("*.png")}
    assert made.keys() == {"single.png", "grid.png", "edits.png"}, "not those of studies that are not here"
    assert made["single.png"].convert("RGB").getcolors() == [(200, (255, 0, 0))]
    assert made["grid.png"].size == (30 + 10, 40 + 20)
    assert made["grid.png"].convert("RGB").getpixel((35, 5)) == (255, 0, 0)
    assert made["edits.png"].width > 500
    before = {path: path.read_bytes() for path in project.glob("docs/**/*.*")}
    showcase(project / "results/one")
    assert {path: path.read_bytes() for path in project.glob("docs/**/*.*")} == before


def test_notebooks_are_copied_with_the_same_pixels(project):
    (project / "docs/notebooks/one").mkdir(parents=True)
    (project / "docs/notebooks/one/gone.ipynb").touch()
    showcase(project / "results/one")
    assert [path.name for path in (project / "docs/notebooks/one").iterdir()] == ["n.ipynb"]
    images = []
    for path in (project / "results/one/notebooks/n.ipynb", project / "docs/notebooks/one/n.ipynb"):
        data = nbformat.read(path, 4).cells[0].outputs[0].data["image/png"]
        images.append(shown.flat(Image.open(io.BytesIO(base64.b64decode(data)))).tobytes())
    assert images[0] == images[1]


def test_code_is_folded_and_nothing_else_is_changed(project):
    source = project / "results/one/notebooks/n.ipynb"
    notebook = nbformat.read(source, 4)
    notebook.cells[0].metadata["tags"] = ["parameters"]
    notebook.cells[0].outputs.append(nbformat.v4.new_output("stream", text="told"))
    notebook.cells.append(nbformat.v4.new_markdown_cell("# Title", id="b"))
    nbformat.write(notebook, source)
    showcase(project / "results/one")
    code, text = nbformat.read(project / "docs/notebooks/one/n.ipynb", 4).cells
    assert code.metadata == {"tags": ["parameters"], "jupyter": {"source_hidden": True}} and text.metadata == {}
    assert (code.source, code.outputs[1]) == ("1", notebook.cells[0].outputs[1])


def test_what_was_published_of_earlier_results_is_noticed(project):
    names = [
        "notebooks/n.ipynb",
        "figures/a.png",
        "figures/b.png",
        "config/faces/settings.json",
        "translations/faces/full/seed0.npy",
    ]
    record, outputs = project / "results/one/provenance/a.json", {}
    for name in (f"results/one/{name}" for name in names):
        outputs[name] = sha256(project / name)
    write_json(record, {"inputs": {}, "outputs": outputs})
    write_json(project / HASHES, {})
    published = {"docs/notebooks/one/n.ipynb", *(f"docs/figures/{name}.png" for name in ("single", "grid", "edits"))}
    assert outdated(project) == published, "never called"
    showcase(project / "results/one")
    assert outdated(project) == set()
    assert read_json(project / HASHES)["docs/figures/edits.png"].keys() == {
        *(f"results/one/{name}" for name in names[3:]),
        "results/one/translations/faces/ground-truth.npy",
        *(f"data/one/faces/test.{ending}" for ending in ("npy", "parquet")),
    }
    for name, copy in ((names[0], "docs/notebooks/one/n.ipynb"), (names[1], "docs/figures/grid.png")):
        write_json(record, {"inputs": {}, "outputs": outputs | {f"results/one/{name}": "made again"}})
        assert outdated(project) == {copy}
    (project / "docs/figures/grid.png").unlink()
    shown.note_sources({})
    assert "docs/figures/grid.png" not in read_json(project / HASHES)


def test_docs_show_the_results_whose_records_are_in_git():
    assert outdated(ROOT) == set(), "run `make showcase` where the results are, and commit what it changes"
    for name, hashes in read_json(ROOT / HASHES).items():
        assert (ROOT / name).is_file() and hashes, name


def test_a_study_that_is_not_shown_has_no_notebooks_in_docs(project):
    (project / SOURCES).write_text(yaml.safe_dump({"notebooks": [], "figures": {}}))
    showcase(project / "results/one")
    assert not (project / "docs/notebooks").exists()


def test_packing_keeps_every_pixel_and_makes_few_colours_small():
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (30, 30, 3), dtype=np.uint8))
    few = Image.fromarray(np.arange(4, dtype=np.uint8).repeat(900).reshape(60, 60) * 60).convert("RGB")
    for image in (noise, few):
        assert Image.open(io.BytesIO(packed(image))).convert("RGB").tobytes() == image.tobytes()
    assert Image.open(io.BytesIO(packed(few))).mode == "P"


def test_mistakes_are_told(project, complains, monkeypatch):
    with complains("results/two is missing"):
        showcase(project / "results/two")
    with complains("holds no executed notebook"):
        publish_notebooks(project / "results")
    monkeypatch.setattr(shown, "LARGEST", 100)
    with complains("more than 100", "show fewer studies"):
        showcase(project / "results/one")


def test_every_figure_of_docs_has_a_source_that_a_notebook_draws():
    drawn = {path.name for path in (ROOT / "docs/figures").glob("*.png")}
    assert drawn == SOURCE["figures"].keys()
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    used = {name for page in pages for name in re.findall(r"figures/([\w-]+\.png)", page.read_text(encoding="utf-8"))}
    assert used == drawn
    for source in SOURCE["figures"].values():
        for file in files_of(source):
            study, kind, name, *_ = file.split("/")
            assert kind == "translations" or name in read_yaml(ROOT / f"config/{study}.yaml")["notebooks"], file


def test_committed_notebooks_are_small_and_without_noise():
    paths = list((ROOT / NOTEBOOKS).rglob("*.ipynb"))
    assert sum(path.stat().st_size for path in paths) < LARGEST
    for path in paths:
        content = nbformat.read(path, as_version=4)
        assert content.metadata.keys() <= {"kernelspec", "language_info"}, path
        for cell in content.cells:
            folded = {"jupyter": {"source_hidden": True}} if cell.cell_type == "code" else {}
            assert {key: value for key, value in cell.metadata.items() if key != "tags"} == folded, path
        assert path.parent.name in SOURCE["notebooks"], path
