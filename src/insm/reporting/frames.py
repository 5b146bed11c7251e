"""Sample grids of a training over its steps: a few of those in TensorBoard's files, kept as a file of their own.

TensorBoard's files have times and names of machines in them, so they are no results.
"""

import zipfile
from pathlib import Path

import numpy as np

from insm.support.errors import UserError
from insm.support.files import atomic
from insm.support.records import opened

FRAMES = 7  # of a training, at most
TAG = "samples"  # of sample grids in TensorBoard's files


def sample_grids(board: Path) -> dict[int, bytes]:
    """Step -> PNG of at most `FRAMES` sample grids below a folder of TensorBoard files, from the first to the last."""
    found: dict[int, bytes] = {}
    files = sorted(board.rglob("events.out.tfevents.*"))
    if files:
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    for run in sorted({file.parent for file in files}):
        events = EventAccumulator(str(run), size_guidance={"images": 0, "scalars": 1})
        events.Reload()
        if TAG in events.Tags()["images"]:
            found |= {event.step: event.encoded_image_string for event in events.Images(TAG)}
    steps = sorted(found)
    places = {round(place) for place in np.linspace(0, len(steps) - 1, FRAMES)} if steps else set()
    return {steps[place]: found[steps[place]] for place in sorted(places)}


def save_frames(frames: dict[int, bytes], path: Path) -> None:
    """Write sample grids by their steps as a ZIP archive of <step>.png: equal ones give equal bytes."""
    with atomic(path) as part, zipfile.ZipFile(part, "w") as archive:
        for step, png in frames.items():
            archive.writestr(zipfile.ZipInfo(f"{step}.png"), png)  # dated 1980


def read_frames(path: Path) -> dict[int, bytes]:
    """The sample grids that `save_frames` wrote.

    Raises:
        UserError: the file is missing or damaged.
    """
    opened(path)
    try:
        with zipfile.ZipFile(path) as archive:
            return {int(Path(name).stem): archive.read(name) for name in archive.namelist()}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise UserError(f"{path} is missing or no archive ({type(error).__name__}): run `snakemake {path}`") from None
