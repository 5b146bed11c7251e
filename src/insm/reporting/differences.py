"""By how much two versions of a result differ: tables, arrays, weights, images."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

TOLERANCE = 0.05
"""`Difference.relative` that another kind of machine, a GPU say, may leave: docs/reproducibility.md."""


class Difference(NamedTuple):
    """How two versions of a file differ."""

    text: str
    relative: float
    """Root mean square of the differences, as a fraction of that of the numbers: of a whole file of weights, array or
    image, or of the column of a table where it is largest; inf: not only numbers differ."""


Numbers = dict[str, np.ndarray]  # name -> numbers
Content = tuple[Numbers, Any]  # numbers, and all else
TOGETHER = (".npy", ".safetensors", ".pt", ".png")  # whose numbers are of one kind


def difference(path: Path, other: Path) -> Difference:
    """How the file `path` differs from `other`, of the same kind; bytes alone where the kind is not known."""
    reader = READERS.get(other.suffix)
    if reader is None:
        return Difference(f"{path.stat().st_size:,} bytes, not {other.stat().st_size:,}", np.inf)
    try:
        (ours, rest), (theirs, other_rest) = reader(path), reader(other)
    except Exception as error:  # a damaged file raises what its reader likes
        return Difference(f"cannot be read ({type(error).__name__})", np.inf)
    if rest != other_rest:
        return Difference("its texts, names or rows differ, not only numbers", np.inf)
    if {name: value.shape for name, value in ours.items()} != {name: value.shape for name, value in theirs.items()}:
        return Difference("its numbers have other shapes", np.inf)
    return _numeric(ours, theirs, other.suffix in TOGETHER)


def _numeric(ours: Numbers, theirs: Numbers, together: bool) -> Difference:
    largest, where, changed, total = 0.0, "", 0, 0
    squares: list[tuple[float, float]] = []  # of the differences, and of the numbers, of each part
    for name, values in ours.items():
        a, b = (np.atleast_1d(part).astype(np.float64) for part in (values, theirs[name]))
        gaps = np.abs(np.where(np.isnan(a) & np.isnan(b), 0.0, a - b))
        gaps[np.isnan(gaps)] = np.inf  # a number on one side only
        changed, total = changed + int((gaps > 0).sum()), total + gaps.size
        if gaps.size and gaps.max() > largest:
            largest, where = float(gaps.max()), name
        squares.append((float((gaps**2).sum()), float(np.nansum(b**2))))
    if not changed:
        return Difference("its numbers are equal, its bytes are not", 0.0)
    parts = [tuple(map(sum, zip(*squares, strict=True)))] if together else squares
    relative = max(float(np.sqrt(gap / size)) if size else np.inf for gap, size in parts if gap)
    place = f" ({where})" if where else ""
    most = f"{changed:,} of {total:,} numbers differ, at most by {largest:.3g}{place}"
    return Difference(f"{most}, on average by {relative:.2g} of them", relative)


def _table(table: pd.DataFrame) -> Content:
    kinds = {name: pd.api.types.is_numeric_dtype(column.dtype) for name, column in table.items()}
    numbers = {str(name): table[name].to_numpy(dtype=np.float64) for name, numeric in kinds.items() if numeric}
    texts = table[[name for name, numeric in kinds.items() if not numeric]].astype(str)
    return numbers, (list(map(str, table.columns)), texts.values.tolist())


def _array(path: Path) -> Content:
    return {"": np.load(path, mmap_mode="r")}, None


def _safetensors(path: Path) -> Content:
    from safetensors.numpy import load_file

    return load_file(path), None


def _torch(path: Path) -> Content:
    import torch

    numbers: Numbers = {}

    def split(value: Any, name: str) -> Any:
        if isinstance(value, torch.Tensor):
            numbers[name] = value.float().numpy()
            return None
        if isinstance(value, dict):
            return {key: split(part, f"{name}.{key}".lstrip(".")) for key, part in value.items()}
        return str(value)

    rest = split(torch.load(path, map_location="cpu", weights_only=True), "")
    return numbers, rest


def _json(path: Path) -> Content:
    numbers: Numbers = {}

    def leaves(value: Any, name: str) -> Iterator[tuple[str, str]]:
        if isinstance(value, dict):
            for key, part in value.items():
                yield from leaves(part, f"{name}.{key}".lstrip("."))
        elif isinstance(value, list):
            for place, part in enumerate(value):
                yield from leaves(part, f"{name}[{place}]")
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            numbers[name] = np.array([value], dtype=np.float64)
        elif not name.endswith("sha256"):  # of a file that is compared by itself
            yield name, str(value)

    rest = sorted(leaves(json.loads(path.read_text(encoding="utf-8")), ""))
    return numbers, rest


def _image(path: Path) -> Content:
    from PIL import Image

    with Image.open(path) as image:
        return {"": np.asarray(image.convert("RGBA"))}, None


READERS: dict[str, Callable[[Path], Content]] = {
    ".csv": lambda path: _table(pd.read_csv(path, keep_default_na=False, na_values=[""])),
    ".parquet": lambda path: _table(pd.read_parquet(path)),
    ".npy": _array,
    ".safetensors": _safetensors,
    ".pt": _torch,
    ".json": _json,
    ".png": _image,
}
