"""Which modules of the package a source file imports, and which ones this process has imported."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import insm

PACKAGE = Path(__file__).resolve().parents[1]


def loaded_files() -> dict[str, Path]:
    """The files of the package's modules that this process has imported, by their paths in the package."""
    root = Path(insm.__file__).parent
    found = {getattr(module, "__file__", None) for name, module in list(sys.modules.items()) if name.startswith("insm")}
    files = (Path(file) for file in found if file and Path(file).is_relative_to(root))
    return {file.relative_to(root).as_posix(): file for file in sorted(files) if file.exists()}


@cache
def imported(module: str) -> frozenset[str]:
    """The modules of the package that a module ("insm.training.trainer") imports itself.

    Imports within functions and for type checkers count too; what is loaded by its name alone (a method, a dataset)
    does not.
    """
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
