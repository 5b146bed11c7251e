"""The command that puts together what was measured of runs, some of it kept in git."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from insm.commands.jobs.gather import gather
from insm.support import records
from insm.support.files import atomic
from insm.support.recording import recording

NAMES = ("references.numbers.parquet", "references.images.parquet")


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Folder of kept outcomes of a project, in which this process works; what they are copies of is not here."""
    monkeypatch.chdir(tmp_path)
    Path("Snakefile").touch()
    measured, folder = Path("results/tiny/metrics/land"), Path("results/tiny/outcomes/land")
    tables = [
        pd.DataFrame({"step": [-1], "metric": ["accuracy"], "scope": ["mean"], "value": [0.5], "samples": [10]}),
        pd.DataFrame({"split": ["test"], "image": [0], "accuracy": [1.0]}),
    ]
    with recording(["job", "evaluate"]):
        for name, table in zip(NAMES, tables, strict=True):
            with atomic(measured / name) as part:
                table.assign(variant="real").to_parquet(part, index=False)
    records._index.cache_clear()
    folder.parent.mkdir()
    shutil.move(measured, folder)
    yield folder
    records._index.cache_clear()


def run(kept):
    outputs = [Path("results/tiny/metrics", name) for name in ("land.csv", "land.parquet", "land.numbers.parquet")]
    gather(*outputs, reference=[kept / name for name in NAMES])
    return pd.read_csv(outputs[0])


def test_kept_outcomes_are_gathered_as_they_were_measured(kept, complains):
    assert run(kept).value.tolist() == [0.5]
    pd.read_parquet(kept / NAMES[0]).assign(value=0.9).to_parquet(kept / NAMES[0], index=False)
    with complains(kept / NAMES[0], "other bytes", f"results/tiny/metrics/land/{NAMES[0]}", "git checkout"):
        run(kept)


def test_pictures_that_are_kept_are_compared_too(kept, complains):
    measured, picture = Path("results/tiny/metrics/land/seed0.examples.png"), kept / "seed0.examples.png"
    with recording(["job", "evaluate"]), atomic(measured) as part:
        part.write_bytes(b"picture")
    records._index.cache_clear()
    picture.write_bytes(b"other picture")
    with complains(picture, "other bytes"):
        gather(*map(Path, "abc"), reference=[kept / name for name in NAMES], run_examples=[f"real={picture}"])
