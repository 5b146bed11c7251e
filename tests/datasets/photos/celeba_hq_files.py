"""Made-up files of CelebA-HQ: 40 images, their attributes, and the mapping to CelebA."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from insm.data.dataset import load_dataset
from insm.data.preparation import save_split
from insm.datasets.photos.celeba_attributes import ATTRIBUTES
from insm.datasets.photos.faces import IMAGES

FACES = load_dataset("celeba_hq")
COUNT = 40
ORIGIN = {k: 400 - 7 * k for k in range(COUNT)}  # index in CelebA-HQ -> id in CelebA; 8 and others are both


def attribute(k: int, name: str) -> int:
    """The made-up label of image k of CelebA-HQ."""
    return k * (3 + ATTRIBUTES.index(name)) // 7 % 2


def attribute_file(rows: dict[str, int]) -> str:
    """A file of attributes: the name in each line -> whose attributes it has."""
    lines = [f"{name}  {' '.join('1' if attribute(k, a) else '-1' for a in ATTRIBUTES)}" for name, k in rows.items()]
    return "\n".join([str(len(rows)), " ".join(ATTRIBUTES), *lines]) + "\n"


def write_parquet(path, masked, indices, paths=True, **columns):
    """Images of some indices as Hugging Face's libraries write them, in groups of 7 rows."""
    images = [
        {"bytes": (masked / IMAGES / f"{k}.jpg").read_bytes(), "path": f"{k}.jpg" if paths else None} for k in indices
    ]
    type_ = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    table = pa.table({"image": pa.array(images, type_), **columns})
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, row_group_size=7)


def shuffled() -> list[list[int]]:
    """The indices in two parquet files: neither sorted nor even."""
    order = np.random.default_rng(0).permutation(COUNT).tolist()
    return [order[:15], order[15:]]


def bytes_of(place, tmp_path, split, workers=1) -> tuple[bytes, bytes]:
    images, table = tmp_path / "a.npy", tmp_path / "a.parquet"
    save_split(FACES.lazy_split(split, {"train": 36, "test": 4}[split], 16, 0, place), images, table, workers)
    return images.read_bytes(), table.read_bytes()
