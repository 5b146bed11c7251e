"""The layout of src/insm: rooms without loose modules beside them, and imports in one direction only."""

import functools

import grimp

from tests import ROOT

PACKAGE = ROOT / "src/insm"
ROOMS = sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists())


def imports_between_rooms() -> dict[str, set[str]]:
    """Room -> the other rooms that its modules import."""
    graph = grimp.build_graph("insm")
    arrows: dict[str, set[str]] = {room: set() for room in ROOMS}
    for module in graph.modules:
        room = module.split(".")[1:2]
        if room and room[0] in arrows:
            imported = graph.find_modules_directly_imported_by(module)
            arrows[room[0]] |= {name.split(".")[1] for name in imported if "." in name} - set(room)
    return arrows


def test_only_the_command_line_lies_beside_the_rooms():
    assert {path.name for path in PACKAGE.glob("*.py")} == {"__init__.py", "cli.py"}


def test_the_init_files_of_rooms_are_empty():
    # The import graph, by which a job knows the source files it depends on, does not count parent packages.
    assert [path for path in PACKAGE.rglob("*/__init__.py") if path.read_text()] == []


def test_the_longest_import_chain_has_at_most_seven_rooms():
    arrows = imports_between_rooms()

    @functools.cache
    def length(room: str) -> int:  # a cycle would exceed the recursion limit
        return 1 + max((length(below) for below in arrows[room]), default=0)

    assert max(map(length, ROOMS)) <= 7


def test_tests_mirror_the_rooms():
    folders = {path.name for path in (ROOT / "tests").iterdir() if (path / "__init__.py").exists()}
    assert set(ROOMS) <= folders
