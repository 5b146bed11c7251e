"""Rehearse the real data sets without their bytes: sources of the real structure, names and counts, made here.

    python benchmarks/rehearsal.py FOLDER [--scale 0.01] [--workers 2] [--size 64] [--updates 20]

writes small JPEG pictures, named as in CelebAMask-HQ (30,000), CycleGAN's summer2winter_yosemite (2,740) and pix2pix's
edges2shoes (50,025 pairs), times `scale`, into a new FOLDER; then every set is checked, packed, described and trained
on, by the commands that the rules call.
"""

import argparse
import os
import time
from pathlib import Path

# isort: split
import numpy as np
from PIL import Image

from insm.commands.configure import configure
from insm.commands.data import card, check
from insm.commands.prepare import prepare
from insm.commands.train import train
from insm.datasets.celeba_hq import ALL as FACES
from insm.datasets.celeba_hq import ANNOTATIONS, PICTURES
from insm.datasets.edges2shoes import Edges2Shoes
from insm.datasets.portraits import ATTRIBUTES
from insm.datasets.yosemite import Yosemite

SIDE = 72  # pixels of the made-up originals
STUDY = """
name: rehearsal
seeds: [0]
device: cpu
tasks:
{tasks}
methods:
  init:
    method: init
    generator: {{ width: 8, downs: 1, blocks: 1, kernel: 3 }}
    discriminator: {{ width: 8, downs: 2 }}
    aiw: {{ enabled: false }}
"""
TASK = """  {name}:
    data: {{ dataset: {name}, size: {size}, train: {train}, test: {test}, source: {source} }}
    training: {{ updates: {updates}, batch: 4 }}
    methods: [init]
"""


def write_picture(path: Path, number: int, width: int = 1) -> None:
    """A blurred random JPEG picture, `width` squares wide; equal numbers give equal pictures."""
    rng = np.random.default_rng(number)
    coarse = Image.fromarray(rng.integers(0, 256, (6, 6 * width, 3), dtype=np.uint8))
    coarse.resize((SIDE * width, SIDE), Image.Resampling.BICUBIC).save(path, quality=90)


def write_faces(place: Path, scale: float) -> tuple[int, int]:
    """CelebAMask-HQ's pictures and attribute file -> numbers of training and test pictures."""
    count = max(40, round(FACES * scale))
    (place / PICTURES).mkdir(parents=True)
    bits = np.where(np.random.default_rng(0).random((count, len(ATTRIBUTES))) < 0.4, 1, -1)
    lines = [f"{k}.jpg  {' '.join(map(str, row))}" for k, row in enumerate(bits)]
    (place / ANNOTATIONS).write_text("\n".join([str(count), " ".join(ATTRIBUTES), *lines]) + "\n")
    for k in range(count):
        write_picture(place / PICTURES / f"{k}.jpg", k)
    test = min(300, count // 10)
    return count - test, test


def write_seasons(place: Path, scale: float) -> tuple[int, int]:
    """CycleGAN's four folders."""
    counts = {name: max(8, round(number * scale)) for name, number in Yosemite.published.items()}
    for first, (folder, count) in enumerate(counts.items()):
        (place / folder).mkdir(parents=True)
        for k in range(count):
            write_picture(place / folder / f"2011-{k:06}.jpg", 100_000 * (first + 1) + k)
    return counts["trainA"] + counts["trainB"], counts["testA"] + counts["testB"]


def write_shoes(place: Path, scale: float) -> tuple[int, int]:
    """pix2pix's two folders of pairs side by side."""
    counts = {name: max(8, round(number * scale)) for name, number in Edges2Shoes.published.items()}
    for first, (folder, count) in enumerate(counts.items()):
        (place / folder).mkdir(parents=True)
        for k in range(count):
            write_picture(place / folder / f"{k + 1}_AB.jpg", 1_000_000 * (first + 1) + k, width=2)
    return 2 * counts["train"], 2 * counts["val"]


SOURCES = {"celeba_hq": write_faces, "yosemite": write_seasons, "edges2shoes": write_shoes}


def rehearse(folder: Path, scale: float, workers: int, size: int, updates: int) -> None:
    """Write the sources into a new folder, then check, pack, describe and train."""
    folder.mkdir(parents=True)
    os.chdir(folder)
    tasks = []
    for name, write in SOURCES.items():
        place = Path("sources", f"{name}-{scale:g}")
        counts = write(place, scale)
        task = {"name": name, "size": size, "updates": updates, "source": place}
        tasks.append(TASK.format(train=counts[0], test=counts[1], **task))
    Path("rehearsal.yaml").write_text(STUDY.format(tasks="".join(tasks)))
    configure(Path("rehearsal.yaml"), Path("plan.json"))
    for name in SOURCES:
        settings, packs = Path("results/rehearsal/config", name), Path("data/rehearsal", name)
        for split in ("train", "test"):
            check(settings / f"{split}.json", workers)
            began = time.perf_counter()
            prepare(settings / f"{split}.json", packs / f"{split}.npy", packs / f"{split}.parquet", workers)
            print(f"{name}, {split}: packed in {time.perf_counter() - began:.1f} s", flush=True)
        card(*(settings / f"{s}.json" for s in ("train", "test")), *(packs / f"{s}.npy" for s in ("train", "test")),
             packs / "card.md")  # fmt: skip
        for split in ("train", "test"):
            check(packs / f"{split}.npy")
        run = Path("results/rehearsal/runs", name)
        outputs = (run / "model.pt", run / "log.csv", run / "samples.png")
        train(settings / "init/seed0.json", packs / "train.npy", "-", run / "state", run / "board", *outputs)
        print(f"{name}: trained {updates} steps", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the published counts")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--size", type=int, default=64, help="pixels of the packs")
    parser.add_argument("--updates", type=int, default=20)
    arguments = parser.parse_args()
    rehearse(arguments.folder, arguments.scale, arguments.workers, arguments.size, arguments.updates)
