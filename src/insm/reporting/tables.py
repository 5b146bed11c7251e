"""Tables of results as files."""

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from insm.support import records
from insm.support.errors import UserError
from insm.support.files import atomic

# Names of the distance between sets that tables print, by whether images of a task are all together or by domain:
# with the labels of others, as real images have them, where there are several attributes; else of single edits.
FRECHET = "(frechet|fid)_.*_perm_train"
FRECHET_BY_DOMAIN = "(frechet|fid)_.*_toggle_train"


def winner(
    differences: pd.DataFrame, variants: Collection[str], metric: str, scope: str = "mean", lower: bool = False
) -> str | None:
    """Which of the variants is significantly better than each of the others; None if none is.

    A difference is significant if its interval excludes 0 and there are several trainings: an interval of one training
    is about other images only.

    Args:
        differences: what `insm job compare` wrote: variant minus other, low, high, and the number of seeds.
        variants: those to choose from.
        metric, scope: rows of `differences`.
        lower: a lower number is the better one.
    """
    rows = differences[(differences.metric == metric) & (differences.scope == scope)]
    rows = rows[rows.variant.isin(list(variants)) & rows.other.isin(list(variants)) & (rows.seeds > 1)]
    above = set(zip(rows.variant, rows.other, rows.low > 0, strict=True))
    below = set(zip(rows.other, rows.variant, rows.high < 0, strict=True))
    beats = {(b, a) if lower else (a, b) for a, b, sure in above | below if sure}
    return next((a for a in variants if len(variants) > 1 and all((a, b) in beats for b in variants if b != a)), None)


# Columns of names: never numbers or truth values, whatever an attribute or a variant is called.
TEXTS = dict.fromkeys(("task", "variant", "other", "method", "source", "label", "metric", "scope", "paper_row"), str)


def read_table(path: Path, **options) -> pd.DataFrame:
    """Read a .csv file; `options` are those of pandas. Only an empty cell is missing: an attribute may be called `NA`.

    Raises:
        UserError: it is missing, no table, or has other bytes than its record says.
    """
    records.opened(path)
    try:
        return pd.read_csv(path, keep_default_na=False, na_values=[""], **({"dtype": TEXTS} | options))
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise UserError(f"{path} is missing or no table ({type(error).__name__}): run `snakemake {path}`") from None


def write_table(table: pd.DataFrame, path: Path, digits: int = 9) -> None:
    """Write a .csv file atomically, numbers with so many significant digits."""
    with atomic(path) as part:
        table.to_csv(part, index=False, float_format=f"%.{digits}g")


def concatenate(paths: dict[str, Path]) -> pd.DataFrame:
    """The tables of several tasks (task -> file) below each other, the task in the first column; values stay texts."""
    tables = [read_table(path, dtype=str) for path in paths.values()]
    for task, table in zip(paths, tables, strict=True):
        table.insert(0, "task", task)
    return pd.concat(tables)
