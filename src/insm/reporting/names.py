"""What tables and figures call methods, their variants and edits."""

from collections.abc import Collection
from pathlib import Path

import pandas as pd

# Attribute -> what switching it off and on is called, where "no <name>" and its name would mislead.
EDIT_NAMES = {
    "Smiling": ("not smiling", "smiling"),
    "Male": ("female", "male"),
    "No_Beard": ("beard", "no beard"),
    "Young": ("old", "young"),
}


def label(name: str, intensity: float | None = None) -> str:
    """A variant's label with the factor on its edits, where it has one."""
    return name if pd.isna(intensity) else f"{name} ({intensity:g} x edits)"


def labels(results: str, task: str) -> dict[str, str]:
    """Variant -> what tables and figures print for it, in the study's order, from the folder of a study's results."""
    rows = _variants(results, task)
    return {row.variant: label(row.label, row.intensity) for row in rows.itertuples()}


def leaders(results: str, task: str, methods: Collection[str] = ()) -> list[str]:
    """The first variant of each method in the study's order: the method itself, not its variants.

    Only those of the given modules of insm/methods if any are given.
    """
    first = _variants(results, task).drop_duplicates("method")
    return list(first.variant[first.method.isin(methods)] if methods else first.variant)


def _variants(results: str, task: str) -> pd.DataFrame:
    return pd.read_csv(Path(results, "config", task, "variants.csv"))


def target_edit(attribute: str, value: int) -> str:
    """What an edit asks for, in words: ("Male", 0) is "female", ("Black_Hair", 0) "no black hair"."""
    name = attribute.replace("_", " ").lower()
    return EDIT_NAMES.get(attribute, (f"no {name}", name))[value]
