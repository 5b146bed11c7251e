"""Tables of results as files."""

from pathlib import Path

import pandas as pd

from insm.errors import UserError
from insm.files import atomic

FRECHET = "(frechet|fid)_.*_toggle_train"  # names of the distance between sets that tables print


def read_table(path: Path, **options) -> pd.DataFrame:
    """Read a .csv file; `options` are those of pandas.

    Raises:
        UserError: it is missing or no table.
    """
    try:
        return pd.read_csv(path, **options)
    except (OSError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise UserError(f"{path} is missing or no table ({type(error).__name__}): run `snakemake {path}`") from None


def write_table(table: pd.DataFrame, path: Path, digits: int = 9) -> None:
    """Write a .csv file atomically, numbers with so many significant digits."""
    with atomic(path) as part:
        table.to_csv(part, index=False, float_format=f"%.{digits}g")
