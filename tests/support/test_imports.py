"""The source files behind a module, found without other packages, are those that grimp finds."""

import grimp
import pytest

from insm.support.imports import PACKAGE
from insm.support.source_graph import source_graph

MODULES = sorted(
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    for path in PACKAGE.rglob("*.py")
    if path.name != "__init__.py"
)


@pytest.fixture(scope="module")
def source_files(tmp_path_factory):
    """Python files that modules need."""
    known = source_graph(tmp_path_factory.mktemp("graph"))

    def of(*modules):
        closure = known.closure(modules)
        return [PACKAGE.parents[1] / name for name in closure if name.endswith(".py")]

    return of


@pytest.fixture(scope="module")
def graph():
    return grimp.build_graph("insm", cache_dir=None)


@pytest.mark.parametrize("module", MODULES)
def test_files_are_those_of_the_import_graph(graph, source_files, module):
    name = f"insm.{module}"
    names = {"insm", name} | graph.find_upstream_modules(name) | graph.find_upstream_modules("insm")
    paths = {PACKAGE.parent.joinpath(*each.split(".")) for each in names}
    expected = {path / "__init__.py" if path.is_dir() else path.with_suffix(".py") for path in paths}
    assert set(source_files(module)) == expected


def test_a_dataset_is_named_beside_what_loads_it(source_files):
    without = source_files("training.trainer")
    dataset = PACKAGE / "datasets/vistas.py"
    assert dataset not in without and dataset in source_files("training.trainer", "datasets.vistas")
