"""Tables of labels as people and programs write them: CSV of any separator, Excel's exports, CelebA's text files.

Every conversion is noted. What would be a guess is refused with its cause.
"""

import csv
import re
from io import StringIO
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from insm.datasets.photos.files import is_hidden
from insm.datasets.photos.notes import Notes
from insm.support.errors import UserError, suggest

SUFFIXES = (".csv", ".tsv", ".txt")
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
TRUTH = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "false": 0, "true": 1}
SIGNS = {"-1": 0, "1": 1, "-1.0": 0, "1.0": 1}
SPLIT_COLUMNS = ("split", "partition")
PARTS = {"train": "train", "training": "train", "0": "train", "test": "test", "2": "test",
         "val": "val", "valid": "val", "validation": "val", "1": "val"}  # fmt: skip
NAME = "file"


def label_tables(place: Path) -> list[Path]:
    """The tables of a folder: .csv and .tsv files, and text files laid out like CelebA's lists."""
    paths = sorted(path for path in place.iterdir() if path.suffix.lower() in SUFFIXES and not is_hidden(path.name))
    return [path for path in paths if path.is_file() and (path.suffix.lower() != ".txt" or celeba_layout(path))]


def celeba_layout(path: Path) -> str:
    """ "attributes" for a file like list_attr_celeba.txt, "partition" for one like list_eval_partition.txt, else ""."""
    with path.open(encoding="utf-8", errors="replace") as stream:
        head = [stream.readline().split() for _ in range(3)]
    if len(head[0]) == 1 and head[0][0].isdigit() and head[1] and len(head[2]) == len(head[1]) + 1:
        return "attributes"
    return "partition" if all(len(row) == 2 and row[1] in ("0", "1", "2") for row in head if row) and head[0] else ""


def read_rows(path: Path, notes: Notes) -> pd.DataFrame:
    """A table as text: the column `file` (the first one), then the others as they are called.

    Raises:
        UserError: it is no table, or a row is longer or shorter than the header.
    """
    text = decoded(path, notes)
    if path.suffix.lower() == ".txt":
        header, rows = celeba_rows(path, text)
    else:
        header, rows = separated_rows(path, text, notes)
    table = pd.DataFrame(rows, columns=[NAME, *header[1:]], dtype=str)
    if table.columns.duplicated().any():
        raise UserError(f"{path} has the column {table.columns[table.columns.duplicated()][0]!r} twice: rename one")
    table[NAME] = clean_names(path, table[NAME], notes)
    if (repeated := table[NAME].duplicated()).any():
        raise UserError(f"{path} names {table[NAME][repeated].iloc[0]!r} twice: keep one of the rows")
    return table


def decoded(path: Path, notes: Notes) -> str:
    """The text of a file: UTF-8, or UTF-16 where it says so by its first bytes, as Excel's Unicode text does."""
    try:
        content = path.read_bytes()
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            notes.add(f"{path.name} is UTF-16 text")
            return content.decode("utf-16")
        if b"\0" not in content:
            return content.decode("utf-8-sig")
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        pass
    raise UserError(f"{path} is no UTF-8 text: save it as UTF-8 (Excel: `CSV UTF-8`)")


def separated_rows(path: Path, text: str, notes: Notes) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a file.

    Its separator is the one of comma, semicolon and tab that the header has most of, or the one that Excel names in a
    first line `sep=;`.
    """
    lines = StringIO(text, newline=None).readlines()  # ends of lines as Windows and old Macs write them, too
    if lines and (excel := re.fullmatch('"?sep=(.)"?\n', lines[0])):
        separator, lines[0] = excel[1], "\n"
    else:
        separator = max(SEPARATORS, key=lines[0].count) if lines else ","
    if separator != ",":
        notes.add(f"{path.name} is separated by {SEPARATORS.get(separator, separator)}")
    try:
        cells = list(csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=True))
    except csv.Error as error:
        raise UserError(f"{path} is no table ({error}): save it as UTF-8, commas between") from None
    numbered = [(number, [cell.strip() for cell in row]) for number, row in enumerate(cells, start=1)]
    numbered = [(number, row) for number, row in numbered if any(row)]
    if not numbered:
        raise UserError(f"{path} is no table, since it is empty: write a header and a row for each image")
    (_, header), *body = numbered
    while header and not header[-1]:
        header.pop()
    rows = []
    for number, row in body:
        extra = row[len(header) :]
        if any(extra) or len(row) < len(header):
            raise UserError(
                f"{path}, line {number} has {len(row)} columns, the header has {len(header)}: mend that line"
            )
        rows.append(row[: len(header)])
    if not header[0] and len(header) > 1 and [row[0] for row in rows] == [str(k) for k in range(len(rows))]:
        notes.add(f"{path.name} begins with a column of row numbers, as pandas writes it, which is left out")
        header, rows = header[1:], [row[1:] for row in rows]
    return header, rows


def celeba_rows(path: Path, text: str) -> tuple[list[str], list[list[str]]]:
    """Header and rows of CelebA's list of attributes (number of images, names, rows) or of its partition (rows)."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if celeba_layout(path) == "partition":
        header, rows = [NAME, "partition"], lines
    else:
        (count,), names, *rows = lines
        header = [NAME, *names]
        if int(count) != len(rows):
            raise UserError(f"{path} says that it has {count} rows, but has {len(rows)}: put the whole file there")
    if wrong := [row for row in rows if len(row) != len(header)]:
        raise UserError(f"{path}: the row of {wrong[0][0]} has {len(wrong[0])} columns, not {len(header)}: mend it")
    return header, rows


def clean_names(path: Path, names: pd.Series, notes: Notes) -> pd.Series:
    """Names of files below the folder, with `/` between their parts.

    Raises:
        UserError: one leads out of the folder.
    """
    if (windows := names.str.contains("\\", regex=False)).any():
        notes.add(f"{path.name} has names with \\ between folders, read as /", names[windows])
        names = names.str.replace("\\", "/", regex=False)
    for name in names:
        if not name or name.startswith("/") or ".." in PurePosixPath(name).parts:
            raise UserError(f"{path} names {name!r}, which is no file below {path.parent}: mend that row")
    return names.map(lambda name: str(PurePosixPath(name)))


def read_labels(path: Path, rows: pd.DataFrame, attributes: tuple[str, ...], notes: Notes) -> dict[str, np.ndarray]:
    """The named columns, uint8 [N] each: 0 and 1, or -1 and 1, or false and true.

    Raises:
        UserError: a column is missing, or holds anything else.
    """
    labels = {}
    for name in attributes:
        if name not in rows.columns[1:]:
            columns = [str(column) for column in rows.columns[1:]]
            raise UserError(
                f"{path} has no column {name!r}: it has {', '.join(columns) or 'none'}{suggest(name, columns)}"
            )
        values = rows[name].str.lower()
        used = set(values)
        known = SIGNS if used & {"-1", "-1.0"} else TRUTH
        if unknown := used - known.keys():
            row = rows[values.isin(unknown)].iloc[0]
            raise UserError(
                f"{path}: {name} of {row[NAME]} is {row[name]!r}: "
                "values must be 0 and 1 (or -1 and 1, or false and true)"
            )
        if known is SIGNS:
            notes.add(f"{path.name} has -1 and 1, read as 0 and 1", [name])
        elif used - {"0", "1"}:
            notes.add(f"{path.name} has {' and '.join(sorted(used))}, read as 0 and 1", [name])
        labels[name] = values.map(known).to_numpy(np.uint8)
    return labels


def read_parts(path: Path, rows: pd.DataFrame, column: str) -> pd.Series:
    """A column that divides the images: "train", "test" or "val".

    Raises:
        UserError: it holds anything else.
    """
    parts = rows[column].str.lower().map(PARTS)
    if parts.isna().any():
        row = rows[parts.isna()].iloc[0]
        raise UserError(
            f"{path}: {column} of {row[NAME]} is {row[column]!r}, not train, val or test (or CelebA's 0, 1 and 2)"
        )
    return parts
