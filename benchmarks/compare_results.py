"""Compare a study's results of two states of the code, across the renames that docs/renames.yaml lists.

    python benchmarks/compare_results.py OLD NEW --study smoke

OLD and NEW are project folders in which the study was run, by the code before and after the renames. Arrays, tensors,
tables and training logs must be equal to the last bit; notebooks, figures and logs of commands are not compared.
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import safetensors.numpy
import torch
import yaml

RENAMES = Path(__file__).parents[1] / "docs/renames.yaml"
COMPARED = (".npy", ".parquet", ".csv", ".pt", ".png", ".json")
PROSE = ("claim", "paper", "reason", "note")  # columns that are written for readers
SKIPPED = ("config", "notebooks", "figures", "report", "logs", "benchmarks", "tensorboard", "state")


class Renames:
    """Paths, columns and values of tables, from old to new."""

    def __init__(self, path: Path):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        self.columns, self.values, self.weights = content["columns"], content["values"], content["weights"]
        self.paths = [(pattern(old), new) for old, new in content["paths"].items() if new]

    def path(self, old: str) -> str:
        """The new path of a result."""
        for expression, new in self.paths:
            if found := expression.fullmatch(old):
                for name, value in {"variant": found.groupdict().get("entry", ""), **found.groupdict()}.items():
                    new = new.replace(f"<{name}>", value)
                return new.replace("<task>", "portraits")  # Table 3 named no task
        return old

    def table(self, table: pd.DataFrame) -> pd.DataFrame:
        """A table under its new names."""
        renamed = table.rename(columns=self.columns)
        texts = [name for name in renamed if pd.api.types.is_string_dtype(renamed[name])]
        return renamed.assign(**{name: renamed[name].astype(object).replace(self.values) for name in texts})


def pattern(path: str) -> re.Pattern[str]:
    """The expression that a path with <placeholders> stands for; a placeholder that comes again is the same."""
    parts, seen = re.split(r"<(\w+)>", path), set()
    expression = re.escape(parts[0])
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        expression += (f"(?P={name})" if name in seen else rf"(?P<{name}>[^/]+?)") + re.escape(text)
        seen.add(name)
    return re.compile(expression)


def tensors(path: Path) -> dict[str, np.ndarray]:
    """The weights in a file of a network or model, by name."""
    if path.suffix == ".safetensors":
        return safetensors.numpy.load_file(path)
    content = torch.load(path, weights_only=True)
    weights = content.get("weights", content.get("state"))
    return {name: value.numpy() for name, value in weights.items()}


def same_tensors(old: Path, new: Path, renames: Renames) -> str | None:
    """What differs between two files of weights."""
    one, other = tensors(old), tensors(new)
    variant = new.parts[-3]  # named like its method where weights were renamed
    known = renames.weights.get(variant, {})
    one = {known.get(name.rpartition(".")[0], name.rpartition(".")[0]) + "." + name.rpartition(".")[2]: value
           for name, value in one.items()}  # fmt: skip
    if one.keys() != other.keys():
        return f"names: {sorted(one.keys() ^ other.keys())[:3]}"
    differing = [name for name in one if not np.array_equal(one[name], other[name])]
    return f"tensors: {differing[:3]}" if differing else None


def same_arrays(old: Path, new: Path, _: Renames) -> str | None:
    """What differs between two .npy files."""
    one, other = np.load(old), np.load(new)
    return None if one.dtype == other.dtype and np.array_equal(one, other) else f"{one.shape} and {other.shape}"


def same_tables(old: Path, new: Path, renames: Renames) -> str | None:
    """What differs between two tables, whatever the order of their rows; columns that were added do not count."""
    read: Callable[[Path], pd.DataFrame] = pd.read_parquet
    if old.suffix == ".csv":
        read = lambda path: pd.read_csv(path, dtype=str, keep_default_na=False)  # noqa: E731
    one, other = renames.table(read(old)).drop(columns=list(PROSE), errors="ignore"), read(new)
    if missing := set(one) - set(other):
        return f"columns {sorted(missing)} are missing"
    order = [name for name in one if not pd.api.types.is_float_dtype(one[name])] or list(one)
    names = list(one)
    one, other = (
        table[names]
        .astype(object)
        .where(table[names].notna(), "")
        .astype(str)
        .sort_values(order)
        .reset_index(drop=True)
        for table in (one, other)
    )
    if len(one) != len(other):
        return f"{len(one)} and {len(other)} rows"
    rows, columns = np.nonzero((one != other).to_numpy())
    if not len(rows):
        return None
    place = f"row {rows[0]}, column {one.columns[columns[0]]}"
    return f"{len(rows)} values, first {place}: {one.iat[rows[0], columns[0]]!r} and {other.iat[rows[0], columns[0]]!r}"


def same_bytes(old: Path, new: Path, _: Renames) -> str | None:
    """Whether two files are equal."""
    return None if old.read_bytes() == new.read_bytes() else "bytes"


def same_json(old: Path, new: Path, _: Renames) -> str | None:
    """Whether two JSON files hold the same."""
    return None if json.loads(old.read_text()) == json.loads(new.read_text()) else "content"


COMPARE = {
    ".npy": same_arrays, ".parquet": same_tables, ".csv": same_tables, ".pt": same_tensors, ".png": same_bytes,
    ".json": same_json,
}  # fmt: skip


def results(folder: Path, study: str) -> Iterator[Path]:
    """The files of a study that are compared, below its folder."""
    for root in (folder / "data" / study, folder / "results" / study):
        for path in sorted(root.rglob("*")):
            inside = path.relative_to(root).parts
            card = root.parent.name == "data" and path.stem == "card"  # its keys and words were renamed
            if path.suffix in COMPARED and not card and inside[0] not in SKIPPED:
                yield path.relative_to(folder)


def main() -> None:
    """Print what differs; exit with 1 if anything does."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("old", type=Path, help="folder of the project before the renames")
    parser.add_argument("new", type=Path, help="folder of the project after them")
    parser.add_argument("--study", default="smoke")
    arguments = parser.parse_args()
    renames, differences, count = Renames(RENAMES), 0, 0
    for path in results(arguments.old, arguments.study):
        count += 1

        new = arguments.new / renames.path(path.as_posix())
        if new.suffix == ".pt" and not new.exists():
            new = new.with_suffix(".safetensors")
        problem = "missing" if not new.exists() else COMPARE[path.suffix](arguments.old / path, new, renames)
        if problem:
            differences += 1
            print(f"{path} -> {new.relative_to(arguments.new)}: {problem}")
    print(f"{count} files compared, {differences} differ")
    sys.exit(bool(differences))


if __name__ == "__main__":
    main()
