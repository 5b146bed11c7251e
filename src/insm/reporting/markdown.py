"""Markdown, as cards, README and docs need it."""

from collections.abc import Sequence

from tabulate import tabulate


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table, its first column to the left and the others to the right."""
    align = ("left", *["right"] * (len(heads) - 1))
    return tabulate(rows, heads, tablefmt="pipe", disable_numparse=True, colalign=align if rows else None)
