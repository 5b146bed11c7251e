"""Rehearse the real data sets without their bytes: made-up archives go the whole way to trained models.

    python benchmarks/rehearsal.py FOLDER [--scale 0.01] [--workers 2] [--size 64] [--updates 20] [--output FILE.csv]

writes archives of small images with the structure, names and counts (times `scale`) of the real ones into a new
FOLDER. A server on this machine stands in for the mirrors: only URL, checksum and size of the declared sources are
replaced. Then every set is fetched, checked, prepared, described and trained on by the commands that the rules call.
"""

import argparse
import dataclasses
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from insm.config.plan import settings_of  # before pandas, so that its settings for reproducible results take effect

# isort: split
import pandas as pd
import pooch
from machine import machine
from made_up_archives import ARCHIVES, Made, write

from insm.commands.data import check
from insm.commands.jobs.card import card
from insm.commands.jobs.fetch import fetch
from insm.commands.jobs.prepare import prepare
from insm.commands.jobs.train import train
from insm.config.study import Study, load_study
from insm.data.dataset import load_dataset
from insm.data.raw_files import RAW
from insm.support.files import read_json, write_json

SPLITS, BATCH = ("train", "test"), 4
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
    data: {{ dataset: {name}, size: {size}, train: {train}, test: {test} }}
    embedding: {{ batch: {batch} }}
    identity_encoder: {{ batch: {batch} }}
    classifier: {{ batch: {batch} }}
    training: {{ updates: {updates}, batch: {batch} }}
    methods: [init]
"""
Row = dict[str, Any]


@contextmanager
def measured(rows: list[Row], dataset: str, step: str) -> Iterator[Row]:
    """Add a row with the seconds that the block takes; the block adds bytes and images."""
    row: Row = {"dataset": dataset, "step": step, "seconds": 0.0}
    began = time.perf_counter()
    yield row
    row["seconds"] = time.perf_counter() - began
    rows.append(row)
    print(f"{dataset}: {step} {row['images']:,} images, {row['bytes']:,} bytes, {row['seconds']:.1f} s", flush=True)


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Nothing: the measurements are the log."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The URL at which the files of a folder can be had meanwhile."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def redirect(name: str, mirror: str, folder: Path) -> None:
    """Let a dataset's one source be the file of the same name in `folder`; what is not published stays unknown."""
    dataset = load_dataset(name)
    (source,) = dataset.sources
    archive, algorithm = folder / source.name, source.checksum.partition(":")[0]
    checksum = f"{algorithm}:{pooch.file_hash(str(archive), alg=algorithm)}"
    size = source.size and archive.stat().st_size
    replaced = dataclasses.replace(source, urls=(f"{mirror}/{source.name}",), checksum=checksum, size=size)
    type(dataset).sources = (replaced,)


def walk(study: Study, name: str, made: Made, workers: int, updates: int, rows: list[Row]) -> None:
    """From a mirror to a trained model."""
    raw, splits, settings = RAW / name, Path("data/rehearsal", name), settings_of(study, name)
    configs, images = ([splits / f"{split}{ending}" for split in SPLITS] for ending in (".json", ".npy"))
    for split, config in zip(SPLITS, configs, strict=True):
        write_json(config, settings[split])
    whole = made.train + made.test
    with measured(rows, name, "fetch") as row:
        fetch(name, raw / "checksums.json", raw / "unpacked.json")
        (unpacked,) = read_json(raw / "unpacked.json").values()
        row.update(bytes=unpacked["bytes"], images=whole)
    with measured(rows, name, "check") as row:
        for config in configs:
            check(config, workers)
        row.update(bytes=unpacked["bytes"], images=whole)
    with measured(rows, name, "prepare") as row:
        for config, prepared in zip(configs, images, strict=True):
            prepare(str(config), prepared, prepared.with_suffix(".parquet"), workers)
        row.update(bytes=sum(prepared.stat().st_size for prepared in images), images=whole)
    with measured(rows, name, "card") as row:
        card(*map(str, configs), *images, splits / "card.md")
        for prepared in images:
            check(prepared)
        row.update(bytes=sum(prepared.stat().st_size for prepared in images), images=whole)
    with measured(rows, name, "train") as row:
        run = Path("results/rehearsal/runs", name)
        outputs = (run / "model.safetensors", run / "log.csv", run / "samples.png")
        train(
            json.dumps(settings["runs"]["init"]["0"]), images[0], run / "state", run / "board", *outputs, device="cpu"
        )
        row.update(bytes=outputs[0].stat().st_size, images=updates * BATCH)


def rehearse(folder: Path, scale: float, workers: int, size: int, updates: int) -> pd.DataFrame:
    """Rows (dataset, step, seconds, bytes, images): what each step wrote (check: read), images it went through."""
    folder.mkdir(parents=True)
    os.chdir(folder)
    os.environ["no_proxy"] = "127.0.0.1"
    mirror = Path("mirror")
    mirror.mkdir()
    rows, sets = [], {name: make(scale) for name, make in ARCHIVES.items()}
    for name, made in sets.items():
        (source,) = load_dataset(name).sources
        with measured(rows, name, "write") as row:
            write(mirror / source.name, source.folder, made.entries)
            row.update(bytes=(mirror / source.name).stat().st_size, images=made.train + made.test)
    tasks = [
        TASK.format(name=name, size=size, train=made.train, test=made.test, updates=updates, batch=BATCH)
        for name, made in sets.items()
    ]
    Path("rehearsal.yaml").write_text(STUDY.format(tasks="".join(tasks)))
    study = load_study(Path("rehearsal.yaml"))
    with serving(mirror) as url:
        for name, made in sets.items():
            redirect(name, url, mirror)
            walk(study, name, made, workers, updates, rows)
    return pd.DataFrame(rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", type=float, default=1.0, help="fraction of the published counts")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--size", type=int, default=64, help="pixels of the prepared splits")
    parser.add_argument("--updates", type=int, default=20)
    parser.add_argument("--output", type=Path, help="table of the measurements (.csv)")
    arguments = parser.parse_args()
    output, made_on = arguments.output and arguments.output.resolve(), machine()
    table = rehearse(arguments.folder, arguments.scale, arguments.workers, arguments.size, arguments.updates)
    if output:
        about = {"scale": arguments.scale, "size": arguments.size, "workers": arguments.workers} | made_on
        table.assign(**about).to_csv(output, index=False, float_format="%.4g")
