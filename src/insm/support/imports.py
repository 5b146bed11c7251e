"""Which source files a module needs: its own and those of every module of the package that it imports, however deep."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def source_files(*modules: str) -> list[Path]:
    """The files of modules of insm ("commands.jobs.train") and of all that they import, sorted by module.

    Imports within functions and for type checkers count too. What is loaded by its name alone (a method, a dataset)
    does not: name it as well.
    """
    found: set[str] = set()
    new = {"insm", *(f"insm.{module}" for module in modules)}
    while new:
        found |= new
        new = {name for module in new for name in imported(module)} - found
    return [file_of(module) for module in sorted(found)]


@cache
def imported(module: str) -> frozenset[str]:
    """The modules of the package that a module ("insm.training.trainer") imports itself."""
    file = file_of(module)
    return frozenset(
        name for node in ast.walk(ast.parse(file.read_bytes(), str(file))) for name in _named(node) if _is_module(name)
    )


def _named(node: ast.AST) -> Iterator[str]:
    """The modules that a statement may import: of `from a import b`, a.b if that is one, else a."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            yield inner if _is_module(inner) else node.module


@cache
def _is_module(name: str) -> bool:
    return name.partition(".")[0] == "insm" and file_of(name).is_file()


def file_of(module: str) -> Path:
    """The file of a module of the package, whether it is there or not."""
    path = PACKAGE.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_name(f"{path.name}.py")
