"""The curves of a training that goes on: TensorBoard, and DVCLive where the study asks for it. No result needs them."""

import importlib.util
import os
from pathlib import Path
from typing import Any

import numpy as np

from insm.support.errors import UserError
from insm.training.tensorboard import Scalars

Values = dict[str, float]
DVCLIVE = "dvclive"  # folder in that of TensorBoard


class Curves:
    """Writes every value under its tag, `<group>/<name>`: TensorBoard shows the tags of a group together.

    Args:
        folder: of the run; None: nothing is written.
        resumed_at: updates of the checkpoint, 0 for a training that starts.
        identity: what the training is made of, as plain values.
        dvclive: whether to write DVCLive's files too.

    Raises:
        UserError: DVCLive is asked for and not installed.
    """

    def __init__(self, folder: Path | None, resumed_at: int, identity: dict[str, Any], dvclive: bool = False):
        self.scalars = Scalars(folder, resumed_at, identity)
        self.live = Live(folder / DVCLIVE, resumed_at) if folder is not None and dvclive else None

    def __enter__(self) -> "Curves":
        return self

    def __exit__(self, *_) -> None:
        self.scalars.close()
        if self.live:
            self.live.close()

    def write(self, step: int, groups: dict[str, Values]) -> None:
        """Add one point to the curve of every value; group -> name -> value."""
        tagged = {f"{group}/{name}": value for group, values in groups.items() for name, value in values.items()}
        self.scalars.write(step, tagged)
        if self.live and tagged:
            self.live.write(step, tagged)

    def image(self, step: int, grid: np.ndarray, caption: str = "") -> None:
        """Add a sample grid, uint8 [H, W, 3], and a text that tells what it shows."""
        self.scalars.image(step, grid, caption)


class Live:
    """DVCLive's files: metrics.json, and a table for each curve, for `dvc plots show`. Nothing is sent anywhere.

    Args:
        folder: of the files.
        resumed_at: updates of the checkpoint; what was written after it goes, since it is written again.
    """

    def __init__(self, folder: Path, resumed_at: int):
        if not importlib.util.find_spec("dvclive"):
            raise UserError("key training.dvclive: dvclive is not installed: run `pip install 'insm[dvclive]'`")
        os.environ.setdefault("DVC_NO_ANALYTICS", "true")
        os.environ.setdefault("DVC_STUDIO_OFFLINE", "true")
        import dvclive

        for curve in (folder / "plots" / "metrics").rglob("*.tsv") if resumed_at else ():
            head, *rows = curve.read_text(encoding="utf-8").splitlines(keepends=True)
            kept = [row for row in rows if int(row.partition("\t")[0]) <= resumed_at]
            curve.write_text("".join([head, *kept]), encoding="utf-8")
        self.live = dvclive.Live(str(folder), resume=resumed_at > 0, save_dvc_exp=False, dvcyaml=None)

    def write(self, step: int, tagged: Values) -> None:
        """Add one point to every curve."""
        self.live.step = step
        for tag, value in tagged.items():
            self.live.log_metric(tag, value)
        self.live.make_summary()

    def close(self) -> None:
        """Write what is left."""
        self.live.end()
