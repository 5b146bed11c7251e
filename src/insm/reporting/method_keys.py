"""The keys of a method as a Markdown table, from its Config: docs/methods/*.md print it."""

from collections.abc import Iterator
from typing import Any

from insm.networks.method import METHODS, MethodConfig
from insm.reporting.markdown import table
from insm.support.schema import Section


def keys(method: str) -> str:
    """Every key of a method with its default and its meaning, those of the method first."""
    config = METHODS.load(method).Config
    rows = list(_rows(config, config(method=method)))
    shared = [row for row in rows if row[0].split(".")[0] in MethodConfig.model_fields and row[0] != "optimiser"]
    own = [row for row in rows if row not in shared]
    cells = [(f"`{key}`", f"`{default}`", meaning.replace("|", "\\|")) for key, default, meaning in (*own, *shared)]
    return table(("key", "default", "meaning"), cells, ("left", "left", "left"))


def _rows(section: type[Section], values: Section, prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """(dotted key, default, description) of a section and those within; `values` holds the defaults."""
    for name, field in section.model_fields.items():
        if name == "method":
            continue
        value = getattr(values, name)
        if isinstance(value, Section):
            yield from _rows(type(value), value, f"{prefix}{name}.")
        else:
            yield prefix + name, _text(value), " ".join((field.description or "").split())


def _text(value: Any) -> str:
    """A default as YAML writes it."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return f"{value:g}" if isinstance(value, float) else str(value)
