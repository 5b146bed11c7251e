"""Hashes of source code that change with what the code does, not with how it is written or explained."""

import ast
from functools import cache
from hashlib import sha256
from pathlib import Path


def syntax_hash(path: Path) -> str:
    """Hash of one file, read anew where its time or size changed.

    Of Python it is that of the syntax tree without comments, docstrings and layout; other files count byte by byte.
    """
    known = path.stat()
    return _hash(path, known.st_mtime_ns, known.st_size)


@cache
def _hash(path: Path, time: int, size: int) -> str:
    content = path.read_bytes()
    if path.suffix == ".py":
        parts: list[str] = []
        _write(ast.parse(content, str(path)), parts)
        content = "".join(parts).encode("utf-8", "surrogatepass")
    return sha256(content).hexdigest()


def _write(node: object, parts: list[str]) -> None:
    """Append a syntax tree as text. Empty fields are left out: versions of Python differ in which ones there are."""
    if isinstance(node, ast.AST):
        parts.append(f"({type(node).__name__}")
        for name in node._fields:
            value = getattr(node, name, None)
            if value is not None and value != []:
                parts.append(f" {name}=")
                _write(value, parts)
        parts.append(")")
    elif isinstance(node, list):
        parts.append("[")
        for item in node:
            if not _explains(item):
                _write(item, parts)
        parts.append("]")
    else:
        parts.append(repr(node))


def _explains(node: object) -> bool:
    """Whether a statement is a bare string: a docstring, or the description of the field above it."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
