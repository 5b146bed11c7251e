"""What a job depends on: the files behind its modules, and a hash of what they do."""

import os
import shutil

import grimp
import pytest

from insm.support import code_hash, imports, source_graph
from insm.support.source_graph import READ

PACKAGE = imports.PACKAGE


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A copy of the package in a project folder of its own."""
    shutil.copytree(PACKAGE, tmp_path / "src/insm", ignore=shutil.ignore_patterns("__pycache__", "models"))
    for module in (imports, source_graph):
        monkeypatch.setattr(module, "PACKAGE", tmp_path / "src/insm")
    monkeypatch.chdir(tmp_path)
    forget()
    yield tmp_path
    forget()


def forget():
    """What was remembered of files that were read in this process."""
    for function in (imports.imported, imports._is_module, code_hash._hash):
        function.cache_clear()


def graph(project):
    forget()
    return source_graph.source_graph(project / "kept")


def hashes(project):
    """The hashes of three jobs."""
    jobs = {"prepare": "datasets.celeba", "train": "methods.init", "verdict": "commands.jobs.verdict"}
    return {job: graph(project).hash([f"commands.jobs.{job}", module]) for job, module in jobs.items()}


def test_the_closure_is_what_is_imported_and_what_that_reads(project):
    told = graph(project).closure(["commands.jobs.card", "datasets.celeba"])
    imported, modules = (
        grimp.build_graph("insm", cache_dir=None),
        {"insm", "insm.commands.jobs.card", "insm.datasets.celeba"},
    )
    modules |= {name for module in modules for name in imported.find_upstream_modules(module)}
    found = {f"src/{imports.file_of(module).relative_to(project / 'src')}" for module in modules}
    assert set(told) - found == {"src/insm/datasets/splits/celeba.txt", "src/insm/reporting/paper.mplstyle"}
    assert found < set(told)


@pytest.mark.parametrize(
    ("file", "old", "new", "concerned"),
    [
        ("losses/gan.py", '"""', '"""Another word. ', set()),
        ("losses/gan.py", "\n\n\ndef", "\n\n\n# A remark.\ndef", set()),
        ("methods/init.py", "class Method", "UNUSED = 1\n\n\nclass Method", {"train"}),
        ("datasets/splits/celeba.txt", "1", "2", {"prepare"}),
        ("__init__.py", "\n", "\nUNUSED = 1\n", {"prepare", "train", "verdict"}),
    ],
)
def test_what_an_edit_concerns(project, file, old, new, concerned):
    """Also where a file keeps its size, and is older than all results."""
    before, path = hashes(project), project / "src/insm" / file
    text = path.read_text()
    path.write_text(text.replace(old, new, 1) if file != "__init__.py" else text + "UNUSED = 1\n")
    assert path.read_text() != text
    os.utime(path, (0, 0))
    after = hashes(project)
    assert {job for job in before if before[job] != after[job]} == concerned


def test_other_files_count_by_content(project):
    table = project / "claims.yaml"
    table.write_text("a: 1\n")
    before = graph(project).hash(["commands.jobs.verdict"], [table])
    table.write_text("a: 2\n")
    assert graph(project).hash(["commands.jobs.verdict"], [table]) != before != hashes(project)["verdict"]


def test_the_graph_is_made_once_for_each_content(project, monkeypatch):
    first = graph(project)
    monkeypatch.setattr(source_graph, "imported", None)
    assert graph(project) == first
    (project / "src/insm/support/errors.py").write_text("")
    with pytest.raises(TypeError):
        graph(project)


def test_every_file_beside_the_code_is_one_that_some_module_reads():
    """But those of people's own use: models to edit photos with, the vote; and the notebooks' template."""
    others = ("editing/models/", "voting/", "reporting/templates/notebook/", "py.typed", "__init__.pyi")
    beside = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    }
    read = {name for names in READ.values() for name in names}
    assert {name for name in beside if not name.startswith(others)} == read
