"""Markdown tables, as data cards, README, docs and commands print them."""

from collections.abc import Sequence

from tabulate import tabulate


def table(heads: Sequence[str], rows: Sequence[Sequence[object]], align: Sequence[str] | None = None) -> str:
    """A pipe table of texts as they are.

    Args:
        heads: headings of the columns.
        rows: cells, a sequence per row.
        align: "left" or "right" per column; the first to the left and the others to the right if not given.
    """
    sides = align or ("left", *["right"] * (len(heads) - 1))
    return tabulate(rows, heads, tablefmt="pipe", disable_numparse=True, colalign=sides if rows else None)
