"""Fixtures of photographs: saved images, and CelebA-HQ in its three layouts."""

import shutil

import numpy as np
import pytest
from PIL import Image

from insm.datasets.photos.celeba_attributes import ATTRIBUTES
from insm.datasets.photos.faces import ANNOTATIONS, CELEBA_LIST, IMAGES, MAPPING
from tests.datasets.photos.celeba_hq_files import COUNT, ORIGIN, attribute, attribute_file, shuffled, write_parquet


@pytest.fixture
def saved(tmp_path):
    """Save an array or image in tmp_path -> its path."""

    def save(content, name="photo.png", **options):
        opened = content if isinstance(content, Image.Image) else Image.fromarray(content)
        opened.save(tmp_path / name, **options)
        return tmp_path / name

    return save


@pytest.fixture
def masked(tmp_path):
    """CelebAMask-HQ's folder with 40 noisy images."""
    place = tmp_path / "masked"
    (place / IMAGES).mkdir(parents=True)
    for k in range(COUNT):
        noise = np.random.default_rng(k).integers(0, 256, (24, 24, 3), dtype=np.uint8)
        Image.fromarray(noise).save(place / IMAGES / f"{k}.jpg")
    (place / ANNOTATIONS).write_text(attribute_file({f"{k}.jpg": k for k in range(COUNT)}))
    return place


@pytest.fixture
def original(masked, tmp_path):
    """A folder with CelebA's list, which has other people too, and the mapping."""
    place = tmp_path / "original"
    place.mkdir()
    others = {f"{k:06}.jpg": k + 1 for k in range(1, 500) if k not in ORIGIN.values()}
    own = {f"{original:06}.jpg": k for k, original in ORIGIN.items()}
    (place / CELEBA_LIST).write_text(attribute_file(dict(sorted((others | own).items()))))
    rows = [f"{k:<10} {original - 1:<10} {original:06}.jpg" for k, original in ORIGIN.items()]
    (place / MAPPING).write_text("\n".join(["idx        orig_idx   orig_file", *rows]) + "\n")
    return place


@pytest.fixture
def files(masked, original):
    """Images in a folder of another name, beside list and mapping."""
    shutil.copytree(masked / IMAGES, original / "images")
    return original


@pytest.fixture
def parquet(masked, tmp_path):
    """Two files with the ten attributes as attributes and true or false."""
    place = tmp_path / "parquet"
    for number, indices in enumerate(shuffled()):
        kind = (int, bool)[number]
        labels = {name: [kind(attribute(k, name)) for k in indices] for name in ATTRIBUTES}
        write_parquet(place / f"data/train-{number}-of-2.parquet", masked, indices, label=indices, **labels)
    return place
