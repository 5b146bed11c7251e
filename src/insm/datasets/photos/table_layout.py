"""The layout of images with a table of labels: which table, which split, and where the named files are."""

import unicodedata
from pathlib import Path, PurePosixPath

import pandas as pd

from insm.data.source_listing import source_files
from insm.datasets.photos.files import is_hidden, suffixes
from insm.datasets.photos.label_tables import (
    NAME,
    SPLIT_COLUMNS,
    label_tables,
    read_labels,
    read_parts,
    read_rows,
)
from insm.datasets.photos.notes import Notes
from insm.datasets.photos.split_rule import split_of, use_validation
from insm.support.errors import UserError, suggest


def read_table(place: Path, attributes: tuple[str, ...], notes: Notes) -> pd.DataFrame:
    """Images and one or several tables: one has the attributes, the same or another one perhaps `split` or `partition`.

    Raises:
        UserError: no table or several have the attributes, or a table holds something else than names and labels.
    """
    tables = {path: read_rows(path, notes) for path in label_tables(place)}
    path = table_of_labels(tables, attributes)
    rows = tables.pop(path)
    labels = read_labels(path, rows, attributes, notes)
    parts = parts_of(path, rows, tables)
    for other in tables:
        notes.add("left out, a table that is not needed", [other.name])
    files = located(place, path, rows[NAME], notes)
    split = files.map(split_of) if parts is None else parts
    table = pd.DataFrame(labels | {"file": files, "split": split}).sort_values("file", ignore_index=True)
    return use_validation(table, notes)


def table_of_labels(tables: dict[Path, pd.DataFrame], attributes: tuple[str, ...]) -> Path:
    """The one table that has all attributes; where none has, the one that its reader will complain of.

    Raises:
        UserError: several have them, or none of several has.
    """
    holding = [path for path, rows in tables.items() if set(attributes) <= set(rows.columns[1:])]
    if len(holding) > 1:
        raise UserError(f"{' and '.join(map(str, holding))} both have {', '.join(attributes)}: leave one")
    if holding or len(tables) == 1:
        return next(iter(holding or tables))
    columns = {path.name: [str(name) for name in rows.columns[1:]] for path, rows in tables.items()}
    everywhere = [name for names in columns.values() for name in names]
    near = next((suggest(name, everywhere) for name in attributes if name not in everywhere), "")
    found = "; ".join(f"{name} has {', '.join(names) or 'none'}" for name, names in columns.items())
    raise UserError(f"{next(iter(tables)).parent}: no table has all columns {', '.join(attributes)}: {found}{near}")


def parts_of(path: Path, rows: pd.DataFrame, others: dict[Path, pd.DataFrame]) -> pd.Series | None:
    """The part (train, val, test) of every row, from the table itself or another one, which is removed from `others`.

    None where no table divides the images.
    """
    for column in SPLIT_COLUMNS:
        if column in rows:
            return read_parts(path, rows, column)
    dividing = [(other, column) for other in others for column in SPLIT_COLUMNS if column in others[other]]
    if not dividing:
        return None
    if len(dividing) > 1:
        raise UserError(f"{' and '.join(str(other) for other, _ in dividing)} both divide the images: leave one")
    other, column = dividing[0]
    divided = others.pop(other)
    parts = read_parts(other, divided, column).set_axis(divided[NAME])
    if (lacking := ~rows[NAME].isin(parts.index)).any():
        raise UserError(f"{other} lacks {rows[NAME][lacking].iloc[0]}, which {path.name} names: add it there")
    return parts.loc[rows[NAME]].reset_index(drop=True)


def located(place: Path, table: Path, names: pd.Series, notes: Notes) -> pd.Series:
    """Where each named file is below the folder; a name that no file has stays as it is, to be missed later.

    A name may be written in another Unicode form than the file's (a Mac's), or without the folder that the file is in.

    Raises:
        UserError: names have no endings or fit several files, or two names mean one file.
    """
    stored = list(stored_images(place))
    exact = set(stored)
    if missing := sorted(set(names) - exact):
        by_form = {unicodedata.normalize("NFC", file): file for file in stored}
        by_name: dict[str, list[str]] = {}
        for file in stored:
            by_name.setdefault(PurePosixPath(file).name, []).append(file)
        found = {}
        for name in missing:
            if other := by_form.get(unicodedata.normalize("NFC", name)):
                found[name] = other
                notes.add("named in another Unicode form than the file's", [name])
            elif "/" not in name and len(below := by_name.get(name, [])) == 1:
                found[name] = below[0]
                notes.add(
                    f"named by {table.name} without the folder, found in {PurePosixPath(below[0]).parent}/", [name]
                )
            elif "/" not in name and len(below) > 1:
                raise UserError(
                    f"{table} names {name!r}, which {' and '.join(below[:2])} both fit: write the folder too"
                )
        complain_of_endings(table, [name for name in missing if name not in found], stored)
        files = names.map(lambda name: found.get(name, name))
        if (repeated := files.duplicated()).any():
            file = files[repeated].iloc[0]
            both = " and ".join(map(repr, names[files == file]))
            raise UserError(f"{table} names {file} twice, as {both}: keep one of the rows")
        names = files
    if unnamed := exact - set(names):
        notes.add(f"left out, since {table.name} does not name them", unnamed)
    return names


def stored_images(place: Path) -> list[str]:
    """Every image below a folder, by its path in it."""
    paths = (path.relative_to(place) for path in source_files(place) if path.suffix.lower() in suffixes())
    return [path.as_posix() for path in paths if not any(map(is_hidden, path.parts))]


def complain_of_endings(table: Path, missing: list[str], stored: list[str]) -> None:
    """Tell of names whose files are there with another ending, or with none in the table.

    Raises:
        UserError: there are such names.
    """
    stems = {str(PurePosixPath(file).with_suffix("")): file for file in stored}
    for name in missing:
        for stem in (name, str(PurePosixPath(name).with_suffix(""))):
            if stem in stems:
                raise UserError(
                    f"{table} names {name!r}, but the file is {stems[stem]}: write its name with that ending"
                )
