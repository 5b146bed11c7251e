"""A folder of a person's own images with a table."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image


@pytest.fixture
def own() -> Callable[..., Path]:
    """Make a folder with grey images, number k of value 4 k, and a table in which the odd ones have a Hat."""

    def make(folder: Path, count: int = 12) -> Path:
        folder.mkdir(parents=True)
        for k in range(count):
            Image.new("RGB", (20, 16), (4 * k,) * 3).save(folder / f"{k:03}.png")
        rows = [f"{k:03}.png,{k % 2},{'train' if k < count - 4 else 'test'}" for k in range(count)]
        (folder / "labels.csv").write_text("\n".join(["image,Hat,split", *rows]) + "\n")
        return folder

    return make
