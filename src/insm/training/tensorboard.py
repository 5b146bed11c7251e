"""TensorBoard, where it is installed: scalars and sample grids of a run while it trains."""

import importlib.util
from pathlib import Path

import numpy as np

from insm.support.errors import UserError


class Scalars:
    """A TensorBoard writer for one run, or nothing without a folder or the package (training needs only torch)."""

    def __init__(self, folder: Path | None, resumed_at: int):
        self.writer = None
        if folder is not None and importlib.util.find_spec("tensorboard"):
            from torch.utils.tensorboard import SummaryWriter

            try:
                self.writer = SummaryWriter(str(folder), purge_step=resumed_at + 1 if resumed_at else None)
            except OSError as error:
                raise UserError(f"cannot write {folder} ({error.strerror}): choose another folder") from None

    def __enter__(self) -> "Scalars":
        return self

    def __exit__(self, *_) -> None:
        if self.writer:
            self.writer.close()

    def write(self, step: int, values: dict[str, float]) -> None:
        """Add one point to every curve."""
        for name, value in values.items():
            if self.writer:
                self.writer.add_scalar(name, value, step)

    def image(self, step: int, grid: np.ndarray) -> None:
        """Add a sample grid, uint8 [H, W, 3]."""
        if self.writer:
            self.writer.add_image("samples", grid, step, dataformats="HWC")
