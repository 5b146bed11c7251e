"""TensorBoard, where it is installed: scalars and sample grids of a run while it trains."""

import importlib.util
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from insm.support.errors import UserError
from insm.support.files import write_text

TRAINING = "training.txt"  # in the folder: which training its curves are of


class Scalars:
    """A TensorBoard writer for one run, or nothing without a folder or the package (training needs only torch).

    The folder holds the curves of one training. One that starts anew, or whose settings, data or code are other ones,
    removes the curves of the last; a resumed one continues its own from the checkpoint.

    Args:
        folder: of the run; None: nothing is written.
        resumed_at: updates of the checkpoint, 0 for a training that starts.
        identity: what the training is made of, as plain values.
    """

    def __init__(self, folder: Path | None, resumed_at: int, identity: dict[str, Any] | None = None):
        self.writer = None
        if folder is not None and importlib.util.find_spec("tensorboard"):
            from torch.utils.tensorboard import SummaryWriter

            key = sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
            mark = folder / TRAINING
            try:
                if not resumed_at or not mark.exists() or mark.read_text(encoding="utf-8") != key:
                    for events in folder.glob("events.out.tfevents.*"):
                        events.unlink()
                write_text(mark, key)
                self.writer = SummaryWriter(str(folder), purge_step=resumed_at + 1 if resumed_at else None)
            except OSError as error:
                raise UserError(f"cannot write {folder} ({error.strerror}): choose another folder") from None

    def __enter__(self) -> "Scalars":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Write what is left."""
        if self.writer:
            self.writer.close()

    def write(self, step: int, values: dict[str, float]) -> None:
        """Add one point to every curve."""
        for name, value in values.items():
            if self.writer:
                self.writer.add_scalar(name, value, step)

    def image(self, step: int, grid: np.ndarray, caption: str = "") -> None:
        """Add a sample grid, uint8 [H, W, 3], and a text that tells what it shows."""
        if self.writer:
            self.writer.add_image("samples", grid, step, dataformats="HWC")
            if caption:
                self.writer.add_text("samples", caption, step)
