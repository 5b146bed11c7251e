"""Yosemite: CycleGAN's summer2winter_yosemite, photographs of one park in two seasons; no image has a partner.

CycleGAN's division: 1,231 summers and 962 winters train, 309 and 238 test.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from insm.data.download.source import Limits, Source
from insm.data.lazy_split import LazySplit
from insm.datasets.photos.files import draw_files, image_files, required_paths
from insm.datasets.photos.notes import Notes
from insm.datasets.photos.photo_split import Photographs, photo_split

FOLDERS = ("trainA/", "trainB/", "testA/", "testB/")  # A is summer, B winter


class Yosemite(Photographs):
    """Photographs of landscapes, one attribute: the season."""

    name = "yosemite"
    attributes = ("Summer",)
    groups = {"Season": ("Summer",)}
    paper_table = "table2a"
    folder = "summer2winter_yosemite"
    # Size and SHA-256 as tensorflow_datasets records them (url_checksums/cycle_gan.txt).
    sources = (
        Source(
            "summer2winter_yosemite.zip",
            urls=(
                "https://efrosgans.eecs.berkeley.edu/cyclegan/datasets/summer2winter_yosemite.zip",
                "http://efrosgans.eecs.berkeley.edu/cyclegan/datasets/summer2winter_yosemite.zip",
                "https://people.eecs.berkeley.edu/~taesung_park/CycleGAN/datasets/summer2winter_yosemite.zip",
            ),
            checksum="sha256:167fe1726807a9d22bd106b4a6c0bd7953b688af924ac1bf967439c4961e49f9",
            size=132_640_856,
            folder=folder,
            limits=Limits(files=10_000, bytes=2**30),
        ),
    )
    licence = "none stated; the photographs are their authors' (Flickr)"
    homepage = "https://junyanz.github.io/CycleGAN/"
    citation = "Zhu, Park, Isola, Efros: Unpaired Image-to-Image Translation using Cycle-Consistent Networks, ICCV 2017"
    published = {"trainA": 1231, "trainB": 962, "testA": 309, "testB": 238}

    def lazy_split(self, split: str, count: int, size: int, seed: int, source: Path | None) -> LazySplit:
        """The first `count` images of the split, both seasons mixed in a seeded order.

        The table holds `Summer` and `file` (below the dataset's folder).

        Raises:
            UserError: `count` is too large, or files are missing.
        """
        notes = Notes()
        folders = required_paths(source, self.name, "CycleGAN's summer2winter_yosemite", *FOLDERS)
        seasons = [image_files(folder, notes) for folder in folders if folder.name.startswith(split)]
        paths = [path for season in seasons for path in season]
        published = sum(n for folder, n in self.published.items() if folder.startswith(split))
        order = draw_files(self.name, split, seed, len(paths), count, published=published)
        chosen = [paths[k] for k in order]
        files = [path.relative_to(source).as_posix() for path in chosen]
        table = pd.DataFrame({"Summer": (order < len(seasons[0])).astype(np.uint8), "file": files})
        return photo_split(chosen, table, size, notes=notes)
