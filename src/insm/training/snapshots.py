"""The translator at fixed points of a training, in half precision: what learning curves are measured on."""

from pathlib import Path

import safetensors.torch
from torch import Tensor

from insm.networks.model_file import save_tensors
from insm.support.errors import UserError
from insm.training.updates import Updates


def steps_of(total: int, points: int) -> list[int]:
    """The steps after which a training of `total` steps is measured: evenly spaced, the last one at its end."""
    return sorted({max(1, round(total * (k + 1) / points)) for k in range(points)})


class Snapshots:
    """Saves the translating networks of one training at its points; it reads weights alone, so it changes none.

    Args:
        updates: the training.
        folder: where points wait until the training is published, beside its checkpoints.
        points: how many; 0 saves nothing.
    """

    def __init__(self, updates: Updates, folder: Path, points: int):
        self.updates, self.folder = updates, folder
        self.steps = steps_of(updates.total, points) if points else []

    def save(self, done: int) -> None:
        """Save the networks after `done` steps, if that is a point: the moving averages where there are any."""
        if done in self.steps:
            save_tensors(self.weights(), self.file(done))

    def weights(self) -> dict[str, Tensor]:
        """The translating networks as they are now, numbers in half precision."""
        method = self.updates.method
        networks = {name: getattr(method, name) for name in method.translators}
        networks |= {name: average.module for name, average in self.updates.average.averages()}
        return {
            f"{name}.{key}": value.half() if value.is_floating_point() else value
            for name, network in networks.items()
            for key, value in network.state_dict().items()
        }

    def file(self, step: int) -> Path:
        """Where a point waits."""
        return self.folder / f"snapshot-{step}.safetensors"

    def publish(self, path: Path) -> None:
        """Write all points to one file: tensors `<step>.<network>.<name>`.

        Raises:
            UserError: a point is missing: its training was begun without it.
        """
        tensors: dict[str, Tensor] = {}
        for step in self.steps:
            if not self.file(step).exists():
                raise UserError(f"{self.file(step)} is missing: delete {self.folder} and train again")
            saved = safetensors.torch.load(self.file(step).read_bytes())
            tensors |= {f"{step}.{name}": value for name, value in saved.items()}
        save_tensors(tensors, path)
